import random
from math import exp

random.seed(19)
w1 = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(3)]     # the last of each row belongs to the 1
w2 = [random.uniform(-1, 1) for _ in range(4)]
table = [([0.1, 0.7], 0.2), ([0.9, 0.3], 0.8), ([0.6, 0.6], 0.4), ([0.2, 0.25], 0.9), ([0.85, 0.95], 0.1)]


def sigma(t):
    return 1 / (1 + exp(-t))


for round_ in range(8):
    E = 0
    for x, t in table:
        x1 = x + [1.0]
        h = [sigma(sum(w1[j][i] * x1[i] for i in range(3))) for j in range(3)] + [1.0]
        y = sigma(sum(w2[j] * h[j] for j in range(4)))
        E += (t - y) ** 2
        d = -2 * (t - y) * y * (1 - y)
        dh = [d * w2[j] * h[j] * (1 - h[j]) for j in range(3)]
        for j in range(4):
            w2[j] -= 0.25 * d * h[j]
        for j in range(3):
            for i in range(3):
                w1[j][i] -= 0.25 * dh[j] * x1[i]
    if round_ % 10 == 0:
        print(round_, E)
