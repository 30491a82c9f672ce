import numpy as np


class FeedForward:
    def __init__(self, dims):
        rs = np.random.RandomState(55)
        self.W = [rs.randn(a, b) / np.sqrt(a) for a, b in zip(dims, dims[1:])]

    @staticmethod
    def _sigm(z, deriv=False):
        return z * (1 - z) if deriv else 1 / (1 + np.exp(-z))

    def forward(self, X):
        self.A = [X]
        for W in self.W:
            self.A.append(self._sigm(self.A[-1] @ W))
        return self.A[-1]

    def backward(self, Y, lr):
        m = len(Y)
        dA = self.A[-1] - Y
        for i in range(len(self.W) - 1, -1, -1):
            dZ = dA * self._sigm(self.A[i + 1], deriv=True)
            dA = dZ @ self.W[i].T          # before W[i] changes
            self.W[i] -= lr * self.A[i].T @ dZ / m


# which quadrant?
rng = np.random.default_rng(0)
X = rng.uniform(-2, 2, (120, 2))
q = (X[:, 0] > 0) * 1 + (X[:, 1] > 0) * 2
Y = np.zeros((120, 4))
Y[np.arange(120), q] = 1

net = FeedForward([2, 7, 6, 4])
for epoch in range(2000):
    out = net.forward(X)
    net.backward(Y, lr=2.0)
    if epoch % 400 == 0:
        print("epoch", epoch, "cost", 0.5 * np.sum((out - Y) ** 2) / len(Y), "acc", np.mean(out.argmax(1) == q))
