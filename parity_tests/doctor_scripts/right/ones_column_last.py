import numpy as np

rng = np.random.default_rng(6)


def add_ones(a):
    return np.hstack([a, np.ones((a.shape[0], 1))])


def g(z):
    return 1 / (1 + np.exp(-z))


def forward(theta1, theta2, X):
    a1 = add_ones(X)
    a2 = add_ones(g(a1 @ theta1))
    a3 = g(a2 @ theta2)
    return a1, a2, a3


def cost(a3, Y):
    return np.sum((a3 - Y) ** 2) / (2 * len(Y))


def gradients(theta1, theta2, X, Y):
    a1, a2, a3 = forward(theta1, theta2, X)
    m = len(X)
    delta3 = (a3 - Y) * a3 * (1 - a3)
    delta2 = ((delta3 @ theta2.T) * a2 * (1 - a2))[:, :-1]     # drop the one for the ones column
    return a1.T @ delta2 / m, a2.T @ delta3 / m, cost(a3, Y)


# points inside / outside a triangle, 3 barycentric-ish features
X = rng.uniform(-1, 1, (70, 3))
inside = (X.sum(axis=1) > 0)
Y = np.stack([inside, ~inside], axis=1).astype(float)

theta1 = rng.normal(0, 1, (3 + 1, 4))
theta2 = rng.normal(0, 1, (4 + 1, 2))

for it in range(2000):
    grad1, grad2, J = gradients(theta1, theta2, X, Y)
    theta1 = theta1 - 1.5 * grad1
    theta2 = theta2 - 1.5 * grad2
    if it % 400 == 0:
        print("%5d  %.6f" % (it, J))
