import math
import random

# pure python, I am not allowed to use numpy in this course
random.seed(4)
data = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
W1 = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
b1 = [random.uniform(-1, 1) for _ in range(3)]
W2 = [random.uniform(-1, 1) for _ in range(3)]
b2 = random.uniform(-1, 1)


def s(z):
    return 1 / (1 + math.exp(-z))


for epoch in range(6000):
    error = 0
    for x, t in data:
        h = [s(sum(w * v for w, v in zip(row, x)) + b) for row, b in zip(W1, b1)]
        o = s(sum(w * v for w, v in zip(W2, h)) + b2)
        error += (o - t) ** 2
        d = 2 * (o - t) * o * (1 - o)
        dh = [d * w * a * (1 - a) for w, a in zip(W2, h)]
        for j in range(3):
            W2[j] -= 0.5 * d * h[j]
            b1[j] -= 0.5 * dh[j]
            for i in range(2):
                W1[j][i] -= 0.5 * dh[j] * x[i]
        b2 -= 0.5 * d
    if epoch % 1000 == 0:
        print(epoch, error)
