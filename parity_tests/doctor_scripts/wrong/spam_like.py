import numpy as np

rng = np.random.RandomState(90)

words = ["free", "win", "meeting", "report", "now"]
counts = rng.poisson(1.0, (60, 5)).astype(float)
spam = (counts[:, 0] + counts[:, 1] + 0.5 * counts[:, 4] > counts[:, 2] + counts[:, 3]).astype(float).reshape(-1, 1)


class SpamNet(object):
    def __init__(self):
        self.w1 = rng.randn(5, 4) * 0.3
        self.b1 = np.zeros((1, 4))
        self.w2 = rng.randn(4, 1) * 0.3
        self.b2 = np.zeros((1, 1))

    def forward(self, X):
        self.X = X
        self.h = np.tanh(X.dot(self.w1) + self.b1)
        self.p = 1 / (1 + np.exp(-(self.h.dot(self.w2) + self.b2)))
        return self.p

    def loss(self, y):
        eps = 1e-12
        return -np.mean(y * np.log(self.p + eps) + (1 - y) * np.log(1 - self.p + eps))

    def backward(self, y):
        dp = (self.p - y) / len(y)
        dz2 = dp * self.p * (1 - self.p)
        dh = dz2.dot(self.w2.T)
        dz1 = dh * (1 - self.h ** 2)
        self.dw2, self.db2 = self.h.T.dot(dz2), dz2.sum(axis=0, keepdims=True)
        self.dw1, self.db1 = self.X.T.dot(dz1), dz1.sum(axis=0, keepdims=True)

    def step(self, lr):
        self.w1 -= lr * self.dw1
        self.b1 -= lr * self.db1 * 0
        self.w2 -= lr * self.dw2
        self.b2 -= lr * self.db2 * 0


net = SpamNet()
batch = 20
for epoch in range(60):
    order = rng.permutation(60)
    for k in range(0, 60, batch):
        xb, yb = counts[order[k:k + batch]], spam[order[k:k + batch]]
        p = net.forward(xb)
        net.backward(yb)
        net.step(0.8)
    if epoch % 10 == 0:
        p = net.forward(counts)
        print("epoch", epoch, "loss", net.loss(spam), "acc", np.mean((p > 0.5) == spam))
