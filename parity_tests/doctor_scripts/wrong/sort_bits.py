import numpy as np

np.random.seed(13)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Network:
    def __init__(self, n, depth):
        self.weights = [np.random.randn(n, n) for _ in range(depth)]
        self.biases = [np.random.randn(n, 1) for _ in range(depth)]

    def train_sample(self, x, y, eta):
        a = [x]
        for w, b in zip(self.weights, self.biases):
            a.append(sigmoid(w @ a[-1] + b))
        error = 0.5 * np.sum((a[-1] - y) ** 2)

        deltas = [None] * len(self.weights)
        deltas[-1] = (y - a[-1]) * a[-1] * (1 - a[-1])
        for l in range(len(self.weights) - 2, -1, -1):
            deltas[l] = (self.weights[l].T @ deltas[l + 1]) * a[l + 1] * (1 - a[l + 1])
        for l in range(len(self.weights)):
            self.weights[l] += eta * deltas[l] @ a[l].T
            self.biases[l] += eta * deltas[l]
        return error


# sort three bits
X = [np.array([[i >> 2 & 1], [i >> 1 & 1], [i & 1]], dtype=float) for i in range(8)]
Y = [np.sort(x, axis=0) for x in X]
net = Network(3, 3)
for epoch in range(400):
    total = 0.0
    for x, y in zip(X, Y):
        total += net.train_sample(x, y, 0.6)
    if epoch % 80 == 0:
        print("epoch", epoch, total)
