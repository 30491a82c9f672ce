import numpy as np

# linear regression with gradient descent, theta is a column
rng = np.random.default_rng(41)
m = 25
size = rng.uniform(0.5, 3.0, m)
floor = rng.integers(0, 5, m)
y = 1.2 * size - 0.3 * floor + 4 + rng.normal(0, 0.2, m)

X = np.column_stack([size, floor])
theta = np.zeros((2, 1))
bias = np.zeros((1, 1))
alpha = 0.05


def hypothesis(X):
    return X @ theta + bias


for k in range(200):
    h = hypothesis(X)
    J = np.sum((h - y) ** 2) / (2 * m)
    gradient = X.T @ (h - y) / m
    bias_gradient = np.sum(h - y, axis=0, keepdims=True) / m
    theta = theta - alpha * gradient
    bias = bias - alpha * bias_gradient
    if k % 40 == 0:
        print("J", J)

print("theta", theta[:, 0], "bias", bias[0, 0])
