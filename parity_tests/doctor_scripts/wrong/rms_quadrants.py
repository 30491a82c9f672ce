import numpy as np

np.random.seed(60)


def rmsprop_update(w, dw, cache, learning_rate=0.005, decay_rate=0.9, eps=1e-6):
    cache = decay_rate * cache + (1 - decay_rate) * dw ** 2
    w = w - learning_rate * dw / (cache + eps)
    return w, cache


X = np.random.randn(50, 2)
t = np.where(X[:, :1] * X[:, 1:] > 0, 1.0, 0.0)

W1 = np.random.randn(2, 6)
b1 = np.random.randn(6) * 0.2
W2 = np.random.randn(6, 1)
b2 = np.zeros(1)
caches = [np.zeros_like(p) for p in (W1, b1, W2, b2)]

for it in range(150):
    a1 = np.tanh(X @ W1 + b1)
    a2 = 1 / (1 + np.exp(-(a1 @ W2 + b2)))
    J = 0.5 * np.sum((a2 - t) ** 2)

    delta2 = (a2 - t) * a2 * (1 - a2)
    delta1 = delta2 @ W2.T * (1 - a1 ** 2)
    dW1, db1 = X.T @ delta1, delta1.sum(axis=0)
    dW2, db2 = a1.T @ delta2, delta2.sum(axis=0)

    W1, caches[0] = rmsprop_update(W1, dW1, caches[0])
    b1, caches[1] = rmsprop_update(b1, db1, caches[1])
    W2, caches[2] = rmsprop_update(W2, dW2, caches[2])
    b2, caches[3] = rmsprop_update(b2, db2, caches[3])

    if it % 25 == 0:
        print(it, "J =", J)
