import numpy as np

rng = np.random.default_rng(7)
m = 40
X = np.linspace(-2, 2, m).reshape(1, m)
Y = np.sin(1.5 * X)


def init(n_x, n_h, n_y):
    return {
        "W1": rng.standard_normal((n_h, n_x)),
        "b1": np.zeros((n_h, 1)),
        "W2": rng.standard_normal((n_y, n_h)) * 0.5,
        "b2": np.zeros((n_y, 1)),
    }


def forward(X, p):
    Z1 = p["W1"] @ X + p["b1"]
    A1 = np.tanh(Z1)
    Z2 = p["W2"] @ A1 + p["b2"]
    return Z2, (Z1, A1)


def tanh_prime(t):
    return 1 - np.tanh(t) ** 2


def cost(A2, Y):
    return np.sum((A2 - Y) ** 2) / (2 * Y.shape[1])


def backward(X, Y, A2, cache, p):
    m = X.shape[1]
    Z1, A1 = cache
    dZ2 = (A2 - Y) / m
    grads = {"W2": dZ2 @ A1.T, "b2": dZ2.sum(axis=1, keepdims=True)}
    dZ1 = (p["W2"].T @ dZ2) * tanh_prime(A1)
    grads["W1"] = dZ1 @ X.T
    grads["b1"] = dZ1.sum(axis=1, keepdims=True)
    return grads


params = init(1, 8, 1)
for it in range(3000):
    A2, cache = forward(X, params)
    J = cost(A2, Y)
    grads = backward(X, Y, A2, cache, params)
    for key in params:
        params[key] = params[key] - 0.1 * grads[key]
    if it % 500 == 0:
        print(it, J)
