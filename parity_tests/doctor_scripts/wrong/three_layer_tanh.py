import numpy as np


class NeuralNetwork:
    def __init__(self, sizes, lr=0.05):
        rng = np.random.RandomState(0)
        n0, n1, n2, n3 = sizes
        self.W1 = rng.randn(n1, n0) / np.sqrt(n0)
        self.W2 = rng.randn(n2, n1) / np.sqrt(n1)
        self.W3 = rng.randn(n3, n2) / np.sqrt(n2)
        self.b1 = np.zeros((n1, 1))
        self.b2 = np.zeros((n2, 1))
        self.b3 = np.zeros((n3, 1))
        self.lr = lr

    def tanh_derivative(self, t):
        return 1 - t ** 2

    def feedforward(self, X):
        self.Z1 = np.dot(self.W1, X) + self.b1
        self.A1 = np.tanh(self.Z1)
        self.Z2 = np.dot(self.W2, self.A1) + self.b2
        self.A2 = np.tanh(self.Z2)
        self.Z3 = np.dot(self.W3, self.A2) + self.b3
        return self.Z3

    def backprop(self, X, Y):
        m = X.shape[1]
        dZ3 = 2 * (self.Z3 - Y) / m
        self.dW3 = np.dot(dZ3, self.A2.T)
        self.db3 = np.sum(dZ3, axis=1, keepdims=True)
        dZ2 = np.dot(self.W3.T, dZ3) * self.tanh_derivative(self.Z2)
        self.dW2 = np.dot(dZ2, self.A1.T)
        self.db2 = np.sum(dZ2, axis=1, keepdims=True)
        dZ1 = np.dot(self.W2.T, dZ2) * self.tanh_derivative(self.Z1)
        self.dW1 = np.dot(dZ1, X.T)
        self.db1 = np.sum(dZ1, axis=1, keepdims=True)

    def update(self):
        for k in ("1", "2", "3"):
            setattr(self, "W" + k, getattr(self, "W" + k) - self.lr * getattr(self, "dW" + k))
            setattr(self, "b" + k, getattr(self, "b" + k) - self.lr * getattr(self, "db" + k))

    def train(self, X, Y, epochs):
        for e in range(epochs):
            out = self.feedforward(X)
            loss = np.sum((out - Y) ** 2) / X.shape[1]
            self.backprop(X, Y)
            self.update()
            if e % 100 == 0:
                print(f"epoch {e:4d}  loss {loss:.6f}")


rng = np.random.RandomState(42)
X = rng.uniform(-1, 1, size=(3, 50))
Y = np.vstack([X[0] * X[1], X[2] ** 2])
nn = NeuralNetwork([3, 6, 5, 2])
nn.train(X, Y, 500)
