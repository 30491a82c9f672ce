import numpy as np

rng = np.random.default_rng(21)
X = rng.normal(size=(10, 4))
Y = np.column_stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]])
W1, B1 = rng.normal(0, 0.5, (4, 3)), np.zeros(3)
W2, B2 = rng.normal(0, 0.5, (3, 2)), np.zeros(2)
N, lr = len(X), 0.1

for it in range(9):
    gW1, gB1 = np.zeros_like(W1), np.zeros_like(B1)
    gW2, gB2 = np.zeros_like(W2), np.zeros_like(B2)
    loss = 0.0
    for n in range(N):
        a = np.zeros(3)
        for j in range(3):
            z = 0.0
            for i in range(4):
                z += X[n, i] * W1[i, j]
            a[j] = max(0.0, z + B1[j])
        out = np.zeros(2)
        for k in range(2):
            for j in range(3):
                out[k] += a[j] * W2[j, k]
            out[k] += B2[k]
        for k in range(2):
            r = out[k] - Y[n, k]
            loss += r**2 / (2 * N)
            for j in range(3):
                gW2[j, k] += r * a[j] / (2 * N) * 2
            gB2[k] += r / (2 * N) * 2
        for j in range(3):
            s = 0.0
            for k in range(2):
                s += (out[k] - Y[n, k]) / N * W2[j, k]
            if a[j] > 0:
                for i in range(4):
                    gW1[i, j] += s * X[n, i]
                gB1[j] += s
    W1 -= lr * gW1
    B1 -= lr * gB1
    W2 -= lr * gW2
    B2 -= lr * gB2
    if it % 4 == 0:
        print(it, loss)
