import numpy as np


def init_params(n_x, n_h, n_y):
    params = {
        "W1": np.zeros((n_h, n_x)),
        "b1": np.zeros((n_h, 1)),
        "W2": np.zeros((n_y, n_h)),
        "b2": np.zeros((n_y, 1)),
    }
    return params


def fwd(X, params):
    A1 = np.tanh(params["W1"] @ X + params["b1"])
    S = params["W2"] @ A1 + params["b2"]
    E = np.exp(S - S.max(axis=0, keepdims=True))
    return A1, E / E.sum(axis=0, keepdims=True)


def bwd(X, Y, A1, A2, params):
    m = X.shape[1]
    dS = (A2 - Y) / m
    dZ1 = (params["W2"].T @ dS) * (1 - A1 * A1)
    return {
        "W1": dZ1 @ X.T,
        "b1": dZ1.sum(axis=1, keepdims=True),
        "W2": dS @ A1.T,
        "b2": dS.sum(axis=1, keepdims=True),
    }


np.random.seed(5)
sizes = [20, 30, 25]
centres = np.array([[0.0, 2.0], [2.0, -1.0], [-2.0, -1.0]])
X = np.vstack([c + 0.5 * np.random.randn(n, 2) for c, n in zip(centres, sizes)]).T
labels = np.repeat([0, 1, 2], sizes)
Y = np.eye(3)[labels].T

params = init_params(2, 5, 3)
for i in range(1000):
    A1, A2 = fwd(X, params)
    cost = -np.mean(np.sum(Y * np.log(A2), axis=0))
    grads = bwd(X, Y, A1, A2, params)
    for k in params:
        params[k] = params[k] - 0.5 * grads[k]
    if i % 200 == 0:
        print(i, cost, "accuracy", np.mean(A2.argmax(0) == labels))
