import numpy as np


class SmallNet:
    def __init__(self):
        rng = np.random.RandomState(71)
        self.w1 = rng.randn(3, 2)
        self.w2 = rng.randn(1, 3)

    def forward(self, x):
        self.h = np.tanh(self.w1 @ x)
        return self.w2 @ self.h

    def gradient(self, X, Y):
        """sum of the gradients over all samples"""
        gw1 = np.zeros_like(self.w1)
        gw2 = np.zeros_like(self.w2)
        for x, y in zip(X, Y):
            out = self.forward(x)
            d2 = out - y
            d1 = (self.w2.T @ d2) * (1 - self.h ** 2)
            gw2 += np.outer(d2, self.h)
            gw1 += np.outer(d1, x)
            return gw1, gw2

    def sse(self, X, Y):
        return sum(0.5 * float(np.sum((self.forward(x) - y) ** 2)) for x, y in zip(X, Y))


rng = np.random.RandomState(72)
X = rng.uniform(-1, 1, (15, 2))
Y = (X[:, 0] - 2 * X[:, 1] * X[:, 0]).reshape(-1, 1)
net = SmallNet()
rate = 0.02
for epoch in range(200):
    gw1, gw2 = net.gradient(X, Y)
    net.w1 -= rate * gw1
    net.w2 -= rate * gw2
    if epoch % 40 == 0:
        print("epoch", epoch, "sse", net.sse(X, Y))
