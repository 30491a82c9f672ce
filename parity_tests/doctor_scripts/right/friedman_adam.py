import numpy as np


def make_data(seed=0, n=100):
    rng = np.random.default_rng(seed)
    X = rng.random((n, 5))
    y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
    return X - 0.5, ((y - y.mean()) / y.std()).reshape(-1, 1)


def init(n_in, n_hid, n_out, seed=1):
    rng = np.random.default_rng(seed)
    return [
        rng.standard_normal((n_in, n_hid)) / np.sqrt(n_in),
        np.zeros(n_hid),
        rng.standard_normal((n_hid, n_out)) / np.sqrt(n_hid),
        np.zeros(n_out),
    ]


def forward(theta, X):
    W1, b1, W2, b2 = theta
    a1 = np.tanh(X @ W1 + b1)
    return a1 @ W2 + b2, (X, a1)


def loss_fn(pred, y):
    return 0.5 * np.mean((pred - y) ** 2)


def backward(theta, cache, pred, y):
    W1, b1, W2, b2 = theta
    X, a1 = cache
    d2 = (pred - y) / y.size
    d1 = (d2 @ W2.T) * (1 - a1 ** 2)
    return [X.T @ d1, d1.sum(0), a1.T @ d2, d2.sum(0)]


def adam_step(theta, grads, m, v, t, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    for i in range(len(theta)):
        m[i] = beta1 * m[i] + (1 - beta1) * grads[i]
        v[i] = beta2 * v[i] + (1 - beta2) * grads[i] ** 2
        m_hat = m[i] / (1 - beta1 ** t)
        v_hat = v[i] / (1 - beta2 ** t)
        theta[i] = theta[i] - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v


def main():
    X, y = make_data()
    theta = init(5, 8, 1)
    m = [np.zeros_like(p) for p in theta]
    v = [np.zeros_like(p) for p in theta]
    for t in range(1, 801):
        pred, cache = forward(theta, X)
        grads = backward(theta, cache, pred, y)
        theta, m, v = adam_step(theta, grads, m, v, t)
        if t % 200 == 0:
            print(t, loss_fn(pred, y))
    return theta


theta = main()
