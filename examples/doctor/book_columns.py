# The book's version of the digits network: column vectors, a neuron is a row of w, one example after the other.
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Net:
    def __init__(self, sizes, rng):
        self.b = [rng.randn(n, 1) for n in sizes[1:]]
        self.w = [rng.randn(n, m) for m, n in zip(sizes[:-1], sizes[1:])]

    def out(self, a):
        for w, b in zip(self.w, self.b):
            a = sigmoid(w @ a + b)
        return a

    def nabla(self, x, e):
        a, zs = [x], []
        for w, b in zip(self.w, self.b):
            zs.append(w @ a[-1] + b)
            a.append(sigmoid(zs[-1]))
        delta = (a[-1] - e) * sigmoid_prime(zs[-1])
        nw, nb = [delta @ a[-2].T], [delta]
        delta = (self.w[1].T @ delta) * sigmoid_prime(zs[0])
        return [delta @ a[0].T, *nw], [delta, *nb]

    def learn(self, batch, rate):
        sum_w = [np.zeros_like(w) for w in self.w]
        sum_b = [np.zeros_like(b) for b in self.b]
        for x, e in batch:
            nw, nb = self.nabla(x, e)
            for k in range(2):
                sum_w[k] += nw[k]
                sum_b[k] += nb[k]
        for k in range(2):
            self.w[k] = self.w[k] - rate / len(batch) * sum_w[k]
            self.b[k] = self.b[k] - rate / len(batch) * sum_b[k]


data = []
for image, digit in zip(*load_digits(return_X_y=True)):
    e = np.zeros((10, 1))
    e[digit] = 1
    data.append((image.reshape(64, 1) / 16, e))
train, test = train_test_split(data, test_size=0.25, random_state=0)

rng = np.random.RandomState(0)
net = Net([64, 30, 10], rng)
for epoch in range(30):
    order = rng.permutation(len(train))
    for k in range(0, len(train), 10):
        net.learn([train[i] for i in order[k : k + 10]], 3.0)
    right = sum(net.out(x).argmax() == e.argmax() for x, e in test)
    print("Epoch", epoch, ":", right, "/", len(test))
