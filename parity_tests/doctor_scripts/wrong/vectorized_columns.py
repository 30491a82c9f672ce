import numpy as np

np.random.seed(83)
m = 30
X = np.random.randn(4, m)
Y = np.vstack([X[0] > 0, X[1] + X[2] > 0]).astype(float)

W1 = np.random.randn(5, 4) * 0.5
b1 = np.zeros((5, 1))
W2 = np.random.randn(2, 5) * 0.5
b2 = np.zeros((2, 1))
lr = 1.0

sig = np.vectorize(lambda z: 1 / (1 + np.exp(-z)))

for it in range(400):
    A1 = sig(W1 @ X + b1)
    A2 = sig(W2 @ A1 + b2)
    loss = np.sum((A2 - Y) ** 2) / (2 * m)

    dZ2 = (Y - A2) / m * A2 * (1 - A2)
    W2 = W2 + lr * dZ2 @ A1.T
    b2 = b2 + lr * dZ2.sum()

    dA1 = W2.T @ dZ2
    dZ1 = dA1 * A1 * (1 - A1)
    W1 = W1 + lr * dZ1 @ X.T
    b1 = b1 + lr * dZ1.sum()

    if it % 80 == 0:
        print("iteration", it, "loss", loss)
