import numpy as np

rng = np.random.default_rng(2)
X = rng.normal(size=(14, 3))
T = (X.sum(axis=1, keepdims=True) > 0).astype(float)
U, p = rng.normal(0, 0.6, (3, 6)), np.zeros(6)
V, q = rng.normal(0, 0.6, (6, 1)), np.zeros(1)

for it in range(50):
    h = np.tanh(np.einsum("nf,fg->ng", X, U) + p)
    o = 1 / (1 + np.exp(-(np.einsum("nf,fg->ng", h, V) + q)))
    cost = -np.mean(T * np.log(o) + (1 - T) * np.log(1 - o))
    d = (o - T) / len(X)
    dV, dq = np.einsum("nf,ng->fg", h, d), d.sum(axis=0)
    dh = np.einsum("ng,fg->nf", d, V) * (1 - h * h)
    dU, dp = np.einsum("nf,ng->fg", X, dh), dh.sum(axis=0)
    U, p, V, q = U - 0.5 * dU, p - 0.5 * dp, V - 0.5 * dV, q - 0.5 * dq
    if it % 10 == 0:
        print(it, cost)
