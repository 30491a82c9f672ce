import numpy as np

np.random.seed(21)

# 3x3 pixel "digits" with some noise: a one, a zero, a seven
patterns = [
    [0, 1, 0, 0, 1, 0, 0, 1, 0],
    [1, 1, 1, 1, 0, 1, 1, 1, 1],
    [1, 1, 1, 0, 0, 1, 0, 0, 1],
]
samples = []
for k in range(8):
    for c, p in enumerate(patterns):
        x = np.array(p, dtype=float) + np.random.normal(0, 0.15, 9)
        t = np.zeros(3)
        t[c] = 1.0
        samples.append((x.reshape(9, 1), t.reshape(3, 1)))


def sigma(z):
    return 1.0 / (1.0 + np.exp(-z))


class MLP:
    def __init__(self):
        self.w1 = np.random.randn(5, 9) * 0.5
        self.w2 = np.random.randn(3, 5) * 0.5

    def learn(self, x, t, eta):
        h = sigma(self.w1.dot(x))
        o = sigma(self.w2.dot(h))
        cost = 0.5 * np.sum((o - t) ** 2)

        delta_o = (t - o) * o * (1 - o)
        delta_h = self.w2.T.dot(delta_o) * h

        self.w2 += eta * delta_o.dot(h.T)
        self.w1 += eta * delta_h.dot(x.T)
        return cost


net = MLP()
for epoch in range(60):
    np.random.shuffle(samples)
    total = 0.0
    for x, t in samples:
        total += net.learn(x, t, 0.4)
    if epoch % 10 == 0:
        print("Epoch", epoch, "total cost", total)
