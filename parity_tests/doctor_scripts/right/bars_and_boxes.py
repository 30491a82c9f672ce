import numpy as np


class DigitNet:
    # columns again, no bias
    def __init__(self):
        self.w1 = np.random.rand(20, 64)
        self.w2 = np.random.rand(4, 20)

    def sigmoid(self, z):
        return 1 / (1 + np.exp(-z))

    def forward(self, x):
        self.x = x
        self.h = self.sigmoid(self.w1 @ x)
        self.o = self.sigmoid(self.w2 @ self.h)
        return self.o

    def backward(self, y, eta):
        n = y.shape[1]
        delta2 = (self.o - y) * self.o * (1 - self.o)
        delta1 = (self.w2.T @ delta2) * self.h * (1 - self.h)
        self.w2 = self.w2 - eta * (delta2 @ self.h.T) / n
        self.w1 = self.w1 - eta * (delta1 @ self.x.T) / n


np.random.seed(88)
# 8x8 pictures: horizontal bar, vertical bar, box, diagonal
base = np.zeros((4, 8, 8))
base[0, 3:5, :] = 1
base[1, :, 3:5] = 1
base[2, 1:7, 1:7] = 1
base[2, 2:6, 2:6] = 0
base[3, range(8), range(8)] = 1
labels = np.arange(100) % 4
pictures = np.clip(base[labels].reshape(100, 64) + 0.2 * np.random.rand(100, 64), 0, 1).T
Y = np.eye(4)[labels].T

net = DigitNet()
for epoch in range(400):
    out = net.forward(pictures)
    net.backward(Y, 0.5)
    if epoch % 80 == 0:
        acc = np.mean(out.argmax(axis=0) == labels)
        print("epoch %d  cost %.4f  acc %.2f" % (epoch, np.sum((out - Y) ** 2) / 200, acc))
