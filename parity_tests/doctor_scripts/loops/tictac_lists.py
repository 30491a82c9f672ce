import math
import random

random.seed(3)
samples = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(9)]
wanted = [[1.0 if s[0] > s[1] else 0.0, 1.0 if s[2] > 0 else 0.0] for s in samples]


def squash(v):
    return 1 / (1 + math.exp(-v))


class Network:
    def __init__(self, n_in, n_mid, n_out):
        self.inner = [[random.gauss(0, 0.6) for _ in range(n_in)] for _ in range(n_mid)]
        self.inner_bias = [random.gauss(0, 0.2) for _ in range(n_mid)]
        self.outer = [[random.gauss(0, 0.6) for _ in range(n_mid)] for _ in range(n_out)]
        self.outer_bias = [random.gauss(0, 0.2) for _ in range(n_out)]

    def run(self, x):
        self.mid = []
        for row, bias in zip(self.inner, self.inner_bias):
            self.mid.append(squash(sum(w * v for w, v in zip(row, x)) + bias))
        self.out = []
        for row, bias in zip(self.outer, self.outer_bias):
            self.out.append(squash(sum(w * v for w, v in zip(row, self.mid)) + bias))
        return self.out

    def learn(self, x, y, rate):
        self.run(x)
        d_out = [(o - t) * o * (1 - o) for o, t in zip(self.out, y)]
        d_mid = []
        for j, m in enumerate(self.mid):
            back = sum(d * row[j] for d, row in zip(d_out, self.outer))
            d_mid.append(back * m * (1 - m))
        self.outer = [[w - rate * d * m for w, m in zip(row, self.mid)] for row, d in zip(self.outer, d_out)]
        self.outer_bias = [b - rate * d for b, d in zip(self.outer_bias, d_out)]
        self.inner = [[w - rate * d * v for w, v in zip(row, x)] for row, d in zip(self.inner, d_mid)]
        self.inner_bias = [b - rate * d for b, d in zip(self.inner_bias, d_mid)]
        return 0.5 * sum((o - t) ** 2 for o, t in zip(self.out, y))


net = Network(3, 4, 2)
for epoch in range(5):
    total = 0.0
    for x, y in zip(samples, wanted):
        total += net.learn(x, y, 0.4)
    if epoch % 10 == 0:
        print(epoch, total)
