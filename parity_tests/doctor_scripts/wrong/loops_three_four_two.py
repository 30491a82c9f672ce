import numpy as np

rng = np.random.default_rng(102)

n_inputs, n_hidden, n_outputs = 3, 4, 2
w_ih = rng.normal(0, 0.5, (n_hidden, n_inputs))
w_ho = rng.normal(0, 0.5, (n_outputs, n_hidden))
bias_h = rng.normal(0, 0.1, n_hidden)
bias_o = rng.normal(0, 0.1, n_outputs)

X = rng.integers(0, 2, (12, 3)).astype(float)
T = np.stack([X[:, 0] != X[:, 1], X[:, 2] > X[:, 0]], axis=1).astype(float)


def f(z):
    return 1 / (1 + np.exp(-z))


eta = 0.05
d_w_ih = np.zeros_like(w_ih)
d_w_ho = np.zeros_like(w_ho)
d_bias_h = np.zeros_like(bias_h)
d_bias_o = np.zeros_like(bias_o)

for epoch in range(100):
    E = 0.0
    for p in range(len(X)):
        h = f(w_ih @ X[p] + bias_h)
        o = f(w_ho @ h + bias_o)
        E += 0.5 * np.sum((o - T[p]) ** 2)

        delta_o = np.zeros(n_outputs)
        for k in range(n_outputs):
            delta_o[k] = (o[k] - T[p, k]) * o[k] * (1 - o[k])
        delta_h = np.zeros(n_hidden)
        for j in range(n_hidden):
            for k in range(n_outputs):
                delta_h[j] += delta_o[k] * w_ho[k, j]
            delta_h[j] *= h[j] * (1 - h[j])

        for k in range(n_outputs):
            for j in range(n_hidden):
                d_w_ho[k, j] += delta_o[k] * h[j]
            d_bias_o[k] += delta_o[k]
        for j in range(n_hidden):
            for i in range(n_inputs):
                d_w_ih[j, i] += delta_h[j] * X[p, i]
            d_bias_h[j] += delta_h[j]

    w_ih = w_ih - eta * d_w_ih
    w_ho = w_ho - eta * d_w_ho
    bias_h = bias_h - eta * d_bias_h
    bias_o = bias_o - eta * d_bias_o
    if epoch % 20 == 0:
        print("epoch", epoch, "E", E)
