import numpy as np


class XorNet:
    def __init__(self):
        np.random.seed(101)
        self.syn0 = 2 * np.random.rand(3, 4) - 1
        self.syn1 = 2 * np.random.rand(4, 1) - 1

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def slope(self, s):
        return s * (1 - s)

    def think(self, X):
        self.l1 = self.sigmoid(X.dot(self.syn0))
        self.l2 = self.sigmoid(self.l1.dot(self.syn1))
        return self.l2

    def train(self, X, y, iterations, rate):
        for i in range(iterations):
            out = self.think(X)
            l2_error = y - out
            l2_delta = l2_error
            self.syn1 += rate * self.l1.T.dot(l2_delta)
            l1_error = l2_delta.dot(self.syn1.T)
            l1_delta = l1_error * self.slope(self.l1)
            self.syn0 += rate * X.T.dot(l1_delta)
            if i % 500 == 0:
                print("error:", 0.5 * np.sum(l2_error ** 2))


# third column is the bias input
X = np.array([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])
net = XorNet()
net.train(X, y, 2000, 0.4)
print(net.think(X))
