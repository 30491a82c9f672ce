import numpy as np

np.random.seed(42)

# inner / outer circle
n = 160
r = np.where(np.arange(n) < n // 2, 0.5, 1.3) + 0.08 * np.random.randn(n)
phi = 2 * np.pi * np.random.rand(n)
X = np.stack([r * np.cos(phi), r * np.sin(phi)], axis=1)
y = (np.arange(n) >= n // 2).astype(float).reshape(-1, 1)

W1 = np.random.randn(2, 16) * np.sqrt(2 / 2)
b1 = np.zeros((1, 16))
W2 = np.random.randn(16, 1) * np.sqrt(1 / 16)
b2 = np.zeros((1, 1))

lr = 0.1
batch = 20

for epoch in range(60):
    perm = np.random.permutation(n)
    losses = []
    for s in range(0, n, batch):
        idx = perm[s:s + batch]
        xb, yb = X[idx], y[idx]

        z1 = xb @ W1 + b1
        a1 = np.maximum(0, z1)
        z2 = a1 @ W2 + b2
        a2 = 1 / (1 + np.exp(-z2))

        losses.append(-np.mean(yb * np.log(a2) + (1 - yb) * np.log(1 - a2)))

        da2 = (-(yb / a2) + (1 - yb) / (1 - a2)) / len(xb)
        dz2 = da2 * a2 * (1 - a2)
        dW2 = a1.T @ dz2
        db2 = dz2.sum(axis=0, keepdims=True)
        da1 = dz2 @ W2.T
        dz1 = da1 * (z1 > 0)
        dW1 = xb.T @ dz1
        db1 = dz1.sum(axis=0, keepdims=True)

        W1 -= lr * dW1
        b1 -= lr * db1
        W2 -= lr * dW2
        b2 -= lr * db2
    if epoch % 10 == 0:
        print("epoch", epoch, "loss", np.mean(losses))
