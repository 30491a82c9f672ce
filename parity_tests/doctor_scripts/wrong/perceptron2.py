import numpy as np


class Perceptron2:
    """2 layer perceptron trained with plain SGD, one sample at a time"""

    def __init__(self, n, hidden, lr):
        g = np.random.default_rng(16)
        self.W1 = g.normal(0, 0.5, (hidden, n))
        self.b1 = np.zeros(hidden)
        self.W2 = g.normal(0, 0.5, hidden)
        self.b2 = 0.0
        self.lr = lr

    def predict(self, x):
        self.h = np.tanh(self.W1.dot(x) + self.b1)
        return self.W2.dot(self.h) + self.b2

    def fit_one(self, x, y):
        y_hat = self.predict(x)
        error = y - y_hat
        grad_W2 = error * self.h
        grad_b2 = error
        grad_z1 = error * self.W2 * (1 - self.h ** 2)
        grad_W1 = np.outer(grad_z1, x)
        self.W2 = self.W2 - self.lr * grad_W2
        self.b2 = self.b2 - self.lr * grad_b2
        self.W1 = self.W1 - self.lr * grad_W1
        self.b1 = self.b1 - self.lr * grad_z1
        return 0.5 * error ** 2


g = np.random.default_rng(17)
X = g.uniform(-1, 1, (30, 2))
y = 0.5 * X[:, 0] - 0.8 * X[:, 1] ** 2
p = Perceptron2(2, 4, 0.01)
for epoch in range(6):
    print("epoch", epoch, "loss", sum(p.fit_one(xi, yi) for xi, yi in zip(X, y)) / len(X))
