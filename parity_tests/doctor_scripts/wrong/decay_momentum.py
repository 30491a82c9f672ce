import numpy as np

np.random.seed(97)


class RegularizedNet:
    def __init__(self, sizes, lr=0.05, momentum=0.8, lam=0.01):
        self.W = [np.random.randn(o, i) * 0.5 for i, o in zip(sizes[:-1], sizes[1:])]
        self.b = [np.zeros((o, 1)) for o in sizes[1:]]
        self.vW = [np.zeros_like(w) for w in self.W]
        self.vb = [np.zeros_like(c) for c in self.b]
        self.lr, self.momentum, self.lam = lr, momentum, lam

    def forward(self, x):
        self.a = [x]
        for w, c in zip(self.W, self.b):
            self.a.append(np.tanh(w @ self.a[-1] + c))
        return self.a[-1]

    def backward(self, y):
        m = y.shape[1]
        delta = 2 * (self.a[-1] - y) / m * (1 - self.a[-1] ** 2)
        gW, gb = [None] * 2, [None] * 2
        for l in (1, 0):
            gW[l] = delta @ self.a[l].T
            gb[l] = delta.mean(axis=1, keepdims=True)
            if l:
                delta = self.W[l].T @ delta * (1 - self.a[l] ** 2)
        return gW, gb

    def step(self, gW, gb):
        for l in range(2):
            g = gW[l] - self.lam * self.W[l]
            self.vW[l] = self.momentum * self.vW[l] + g
            self.vb[l] = self.momentum * self.vb[l] + gb[l]
            self.W[l] = self.W[l] - self.lr * self.vW[l]
            self.b[l] = self.b[l] - self.lr * self.vb[l]


X = np.random.uniform(-1, 1, (3, 32))
Y = np.vstack([0.8 * np.sign(X[0] * X[1]), 0.5 * X[2]])
net = RegularizedNet([3, 5, 2])
for e in range(300):
    out = net.forward(X)
    loss = np.sum((out - Y) ** 2) / X.shape[1]
    gW, gb = net.backward(Y)
    net.step(gW, gb)
    if e % 60 == 0:
        print("epoch", e, "loss", loss, "weights", sum(np.sum(w ** 2) for w in net.W))
