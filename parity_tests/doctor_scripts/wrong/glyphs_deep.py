import numpy as np

rng = np.random.RandomState(29)

glyphs = np.array([
    [1, 1, 1, 1, 0, 1, 1, 1, 1],
    [0, 1, 0, 0, 1, 0, 0, 1, 0],
    [1, 1, 0, 0, 1, 0, 0, 1, 1],
    [1, 0, 1, 1, 1, 1, 0, 0, 1],
], dtype=float)
which = rng.randint(0, 4, 40)
X = glyphs[which] + 0.2 * rng.randn(40, 9)
Y = np.eye(4)[which]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    return np.exp(z) / np.sum(np.exp(z), axis=0)


class DeepNet:
    def __init__(self):
        self.w = [rng.randn(9, 7) * 0.4, rng.randn(7, 5) * 0.4, rng.randn(5, 4) * 0.4]
        self.b = [np.zeros(7), np.zeros(5), np.zeros(4)]

    def forward(self, x):
        self.a = [x]
        self.a.append(sigmoid(self.a[0] @ self.w[0] + self.b[0]))
        self.a.append(sigmoid(self.a[1] @ self.w[1] + self.b[1]))
        self.a.append(softmax(self.a[2] @ self.w[2] + self.b[2]))
        return self.a[-1]

    def backward(self, y):
        n = len(y)
        d3 = (self.a[3] - y) / n
        d2 = d3 @ self.w[2].T * self.a[2] * (1 - self.a[2])
        d1 = d2 @ self.w[1].T
        deltas = [d1, d2, d3]
        gw = [a.T @ d for a, d in zip(self.a, deltas)]
        gb = [d.sum(axis=0) for d in deltas]
        return gw, gb


net = DeepNet()
for epoch in range(200):
    p = net.forward(X)
    cost = -np.mean(np.sum(Y * np.log(p), axis=1))
    gw, gb = net.backward(Y)
    for l in range(3):
        net.w[l] -= 0.5 * gw[l]
        net.b[l] -= 0.5 * gb[l]
    if epoch % 40 == 0:
        print("epoch", epoch, "cost", cost)
