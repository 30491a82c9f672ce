import numpy as np

rng = np.random.RandomState(37)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class BinaryNet:
    def __init__(self, n_x, n_h):
        self.W = {1: rng.randn(n_h, n_x) * 0.5, 2: rng.randn(1, n_h) * 0.5}
        self.b = {1: np.zeros((n_h, 1)), 2: np.zeros((1, 1))}

    def forward(self, X):
        self.A0 = X
        self.A1 = np.tanh(self.W[1] @ X + self.b[1])
        self.A2 = sigmoid(self.W[2] @ self.A1 + self.b[2])
        return self.A2

    def cost(self, Y):
        return float(-np.mean(Y * np.log(self.A2) + (1 - Y) * np.log(1 - self.A2)))

    def backward(self, Y):
        m = Y.shape[1]
        dA2 = -Y / self.A2
        dZ2 = dA2 * self.A2 * (1 - self.A2)
        dZ1 = (self.W[2].T @ dZ2) * (1 - self.A1 ** 2)
        self.dW = {1: dZ1 @ self.A0.T / m, 2: dZ2 @ self.A1.T / m}
        self.db = {1: dZ1.mean(axis=1, keepdims=True), 2: dZ2.mean(axis=1, keepdims=True)}

    def step(self, lr):
        for l in (1, 2):
            self.W[l] = self.W[l] - lr * self.dW[l]
            self.b[l] = self.b[l] - lr * self.db[l]


X = rng.randn(2, 80)
Y = (X[0:1] + X[1:2] > 0.4).astype(int)
net = BinaryNet(2, 5)
for it in range(300):
    p = net.forward(X)
    J = net.cost(Y)
    net.backward(Y)
    net.step(0.2)
    if it % 60 == 0:
        print(it, "J", J, "share of ones", (p > 0.5).mean())
