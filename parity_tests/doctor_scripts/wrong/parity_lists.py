import math
import random

import numpy as np

random.seed(8)

# 3 bit parity, pure loops to understand every index
n_in, n_hid, n_out = 3, 5, 1
w_ih = [[random.uniform(-1, 1) for _ in range(n_hid)] for _ in range(n_in)]
w_ho = [[random.uniform(-1, 1) for _ in range(n_out)] for _ in range(n_hid)]
b_h = [random.uniform(-1, 1) for _ in range(n_hid)]
b_o = [random.uniform(-1, 1) for _ in range(n_out)]

data = []
for a in (0, 1):
    for b in (0, 1):
        for c in (0, 1):
            data.append(([a, b, c], [(a + b + c) % 2]))


def sig(v):
    return 1.0 / (1.0 + math.exp(-v))


def train(x, t, rate):
    h = [sig(sum(x[i] * w_ih[i][j] for i in range(n_in)) + b_h[j]) for j in range(n_hid)]
    o = [sig(sum(h[j] * w_ho[j][k] for j in range(n_hid)) + b_o[k]) for k in range(n_out)]

    d_o = [(t[k] - o[k]) * o[k] * (1 - o[k]) for k in range(n_out)]
    d_h = []
    for j in range(n_hid):
        e = sum(d_o[k] * w_ho[j][k] for k in range(n_out))
        d_h.append(e * h[j] * (1 - h[j]))

    for j in range(n_hid):
        for k in range(n_out):
            w_ho[j][k] += rate * d_o[k] * h[j]
    for k in range(n_out):
        b_o[k] += rate * d_o[k]
    for j in range(n_hid):
        slope = h[j] * (1 - h[j])
        for i in range(n_in):
            w_ih[i][j] += rate * d_h[j] * slope * x[i]
        b_h[j] += rate * d_h[j] * slope
    return 0.5 * sum((o[k] - t[k]) ** 2 for k in range(n_out))


for epoch in range(1500):
    err = 0.0
    for x, t in data:
        err += train(x, t, 0.5)
    if epoch % 300 == 0:
        print(epoch, round(err, 5))

print(np.round(np.array(w_ho).ravel(), 3))
