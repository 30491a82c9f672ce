import numpy as np

rng = np.random.default_rng(94)


def logistic(s):
    return 1 / (1 + np.exp(-s))


# 3 - 6 - 6 - 2, columns are examples
U = rng.normal(0, 1, (6, 3))
V = rng.normal(0, 1, (6, 6))
W = rng.normal(0, 1, (2, 6))

n = 42
X = rng.uniform(-1, 1, (3, n))
T = np.vstack([X[0] + X[1] > 0, X[1] * X[2] > 0]).astype(float)
eta = 0.6

for sweep in range(800):
    y1 = logistic(U @ X)
    y2 = logistic(V @ y1)
    y3 = logistic(W @ y2)
    C = np.sum((y3 - T) ** 2) / (2 * n)

    e3 = (y3 - T) / n * y3 * (1 - y3)
    e2 = W.T @ e3 * y1 * (1 - y1)
    e1 = V.T @ e2 * y1 * (1 - y1)

    dU = e1 @ X.T
    dV = e2 @ y1.T
    dW = e3 @ y2.T
    U = U - eta * dU
    V = V - eta * dV
    W = W - eta * dW

    if sweep % 200 == 0:
        print("C after", sweep, "sweeps:", C)
