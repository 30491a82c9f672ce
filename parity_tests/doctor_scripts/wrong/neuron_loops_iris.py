import math
import random

import numpy as np

random.seed(4)

# two kinds of flowers, petal length and width (cm, scaled down)
flowers = []
for _ in range(12):
    flowers.append(([random.gauss(0.15, 0.02), random.gauss(0.03, 0.01)], [1.0, 0.0]))
    flowers.append(([random.gauss(0.45, 0.05), random.gauss(0.15, 0.03)], [0.0, 1.0]))

HIDDEN = 3
rng = np.random.RandomState(4)
w1 = rng.uniform(-1, 1, (HIDDEN, 2))
b1 = np.full(HIDDEN, 0.1)
w2 = rng.uniform(-1, 1, (2, HIDDEN))
b2 = np.full(2, 0.1)
rate = 0.5


def sigmoid(v):
    return 1 / (1 + math.exp(-v))


def one_step(x, y):
    hid = [sigmoid(sum(w1[j][i] * x[i] for i in range(2)) + b1[j]) for j in range(HIDDEN)]
    out = [sigmoid(sum(w2[k][j] * hid[j] for j in range(HIDDEN)) + b2[k]) for k in range(2)]

    deltas = [(y[k] - out[k]) * out[k] * (1 - out[k]) for k in range(2)]
    w2_used = w2
    for k in range(2):
        for j in range(HIDDEN):
            w2[k, j] += rate * deltas[k] * hid[j]
        b2[k] += rate * deltas[k]

    for j in range(HIDDEN):
        err = 0.0
        for k in range(2):
            err += deltas[k] * w2_used[k, j]
        grad = err
        for i in range(2):
            w1[j, i] += rate * grad * x[i]
        b1[j] += rate * grad
    return sum((y[k] - out[k]) ** 2 for k in range(2)) / 2


for epoch in range(100):
    random.shuffle(flowers)
    total = sum(one_step(x, y) for x, y in flowers)
    if epoch % 20 == 0:
        print("epoch", epoch, "error", round(total, 4))
