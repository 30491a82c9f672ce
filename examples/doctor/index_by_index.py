from math import exp

import numpy as np

# No matrices. Neuron j of layer l has bias b[l][j], and weight w[l][k][j] from neuron k of the layer below.
#   C_i = sum_j (a_ij - e_ij)^2       C = mean of the C_i over the T observations of the batch
# Questions: (1) are the derivatives right?  (2) is  v' = v - g  with g = mean of the g_i right?
#            (3) may I scale the step?  (Somebody said: averaging is unnecessary, never scale by more than 1.)

sizes = [3, 5, 4, 2]
L = len(sizes) - 1
rng = np.random.default_rng(5)
w = [rng.normal(size=(sizes[n], sizes[n + 1])) for n in range(L)]
b = [rng.normal(size=sizes[n + 1]) for n in range(L)]
observations = rng.uniform(size=(24, 3))
expected = np.stack([0.2 + 0.6 * observations[:, 0] * observations[:, 1], 0.9 - 0.7 * observations[:, 2]], axis=1)
T = 6


def s(t):
    return 1 / (1 + exp(-t))


def derivatives(x, e):
    a = [list(x)]
    for n in range(L):
        layer = []
        for j in range(sizes[n + 1]):
            z = b[n][j]
            for k in range(sizes[n]):
                z += w[n][k][j] * a[n][k]
            layer.append(s(z))
        a.append(layer)

    C_i = 0.0
    for j in range(sizes[L]):
        C_i += (a[L][j] - e[j]) ** 2

    g_w = [np.zeros((sizes[n], sizes[n + 1])) for n in range(L)]
    g_b = [np.zeros(sizes[n + 1]) for n in range(L)]
    g_a = [2 * (a[L][j] - e[j]) for j in range(sizes[L])]
    for n in range(L - 1, -1, -1):
        below = [0.0] * sizes[n]
        for j in range(sizes[n + 1]):
            g_b[n][j] = g_a[j] * a[n + 1][j] * (1 - a[n + 1][j])
            for k in range(sizes[n]):
                g_w[n][k][j] = g_b[n][j] * a[n][k]
                below[k] += g_b[n][j] * w[n][k][j]
        g_a = below
    return C_i, g_w, g_b


for epoch in range(60):
    total = 0.0
    for start in range(0, len(observations), T):
        mean_w = [np.zeros_like(w[n]) for n in range(L)]
        mean_b = [np.zeros_like(b[n]) for n in range(L)]
        for i in range(start, start + T):
            C_i, g_w, g_b = derivatives(observations[i], expected[i])
            total += C_i
            for n in range(L):
                mean_w[n] += g_w[n] / T
                mean_b[n] += g_b[n] / T
        for n in range(L):
            for j in range(sizes[n + 1]):
                b[n][j] = b[n][j] - mean_b[n][j]
                for k in range(sizes[n]):
                    w[n][k][j] = w[n][k][j] - mean_w[n][k][j]
    if epoch % 10 == 0:
        print("epoch", epoch, "C", total / len(observations))
