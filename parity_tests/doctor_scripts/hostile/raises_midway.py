import numpy as np

rng = np.random.default_rng(12)
BATCH = 16
X = rng.normal(size=(90, 3))
y = (X @ np.array([[1.0], [-2.0], [0.5]]) > 0).astype(float)
ones = np.ones((BATCH, 1))

theta1 = rng.normal(size=(4, 5)) * 0.5
theta2 = rng.normal(size=(6, 1)) * 0.5


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


for epoch in range(20):
    for i in range(0, 90, BATCH):
        xb, yb = X[i:i + BATCH], y[i:i + BATCH]
        a0 = np.hstack([ones, xb])
        a1 = np.hstack([ones, np.tanh(a0 @ theta1)])
        out = sigmoid(a1 @ theta2)
        delta2 = (out - yb) / BATCH
        delta1 = (delta2 @ theta2[1:].T) * (1 - a1[:, 1:] ** 2)
        grad2 = a1.T @ delta2
        grad1 = a0.T @ delta1
        theta2 -= 0.3 * grad2
        theta1 -= 0.3 * grad1
    print("epoch", epoch)
