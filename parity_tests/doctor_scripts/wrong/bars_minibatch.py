import numpy as np

np.random.seed(39)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class Digits:
    """column vectors, gradients summed over a mini-batch"""

    def __init__(self, sizes):
        self.weights = [np.random.randn(j, i) / np.sqrt(i) for i, j in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.random.randn(j, 1) for j in sizes[1:]]
        # made once, every batch starts from these
        self.zeros_w = [np.zeros(w.shape) for w in self.weights]
        self.zeros_b = [np.zeros(b.shape) for b in self.biases]

    def backprop(self, x, t):
        a1 = sigmoid(self.weights[0] @ x + self.biases[0])
        a2 = sigmoid(self.weights[1] @ a1 + self.biases[1])
        d2 = a2 - t
        d1 = self.weights[1].T @ d2 * a1 * (1 - a1)
        self.cost -= np.sum(t * np.log(a2) + (1 - t) * np.log(1 - a2))
        return [d1 @ x.T, d2 @ a1.T], [d1, d2]

    def train_batch(self, batch, eta):
        n = len(batch)
        grad_w = list(self.zeros_w)
        grad_b = list(self.zeros_b)
        for x, t in batch:
            gw, gb = self.backprop(x, t)
            for l in range(2):
                grad_w[l] += gw[l]
                grad_b[l] += gb[l]
        for l in range(2):
            self.weights[l] = self.weights[l] - eta * grad_w[l] / n
            self.biases[l] = self.biases[l] - eta * grad_b[l] / n

    def train(self, data, epochs, eta, size):
        for e in range(epochs):
            self.cost = 0.0
            np.random.shuffle(data)
            for k in range(0, len(data), size):
                self.train_batch(data[k:k + size], eta)
            print("Epoch", e, "cost", self.cost / len(data))


bars = np.array([[1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 0, 1], [1, 1, 1, 0, 0, 0]], dtype=float)
data = []
for k in range(32):
    t = np.zeros((4, 1))
    t[k % 4] = 1
    data.append((bars[k % 4].reshape(6, 1) + np.random.normal(0, 0.2, (6, 1)), t))
Digits([6, 5, 4]).train(data, 6, 0.1, 8)
