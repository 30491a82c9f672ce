import numpy as np

rng = np.random.default_rng(40)

# 200 points, class depends on a curve
X = rng.normal(0, 1, (3, 200))
Y = (X[0] ** 2 + X[1] > 0.8).astype(float)[None, :]


def relu(z):
    return z * (z > 0)


def run_forward(W1, W2, X):
    Z1 = W1 @ X
    A1 = relu(Z1)
    return Z1, A1, W2 @ A1


def run_backward(W2, X, Y, Z1, A1, out):
    d_out = 2 * (out - Y)
    d_W2 = d_out @ A1.T
    d_Z1 = (W2.T @ d_out) * (Z1 > 0)
    d_W1 = d_Z1 @ X.T
    return d_W1, d_W2


W1 = rng.normal(0, 0.5, (6, 3))
W2 = rng.normal(0, 0.5, (1, 6))
rate = 0.01

for step in range(40):
    Z1, A1, out = run_forward(W1, W2, X)
    cost = np.sum((out - Y) ** 2)
    print(step, cost) if step < 5 or step % 10 == 0 else None
    d_W1, d_W2 = run_backward(W2, X, Y, Z1, A1, out)
    W1 = W1 - rate * d_W1
    W2 = W2 - rate * d_W2
