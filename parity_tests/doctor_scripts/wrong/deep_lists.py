import numpy as np

rng = np.random.default_rng(2024)


class Net(object):
    """Fully connected net, any number of layers. Columns are samples."""

    def __init__(self, sizes):
        self.sizes = sizes
        self.weights = [rng.normal(0, np.sqrt(1 / i), (o, i)) for i, o in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.zeros((o, 1)) for o in sizes[1:]]

    def forward(self, a):
        self.activations = [a]
        for l, (W, b) in enumerate(zip(self.weights, self.biases)):
            z = W @ a + b
            a = z if l == len(self.weights) - 1 else np.tanh(z)
            self.activations.append(a)
        return a

    def backward(self, y):
        n = y.shape[1]
        dW, db = [None] * len(self.weights), [None] * len(self.weights)
        delta = (self.activations[-1] - y) / n
        for l in range(len(self.weights) - 1, -1, -1):
            dW[l] = delta @ self.activations[l].T
            db[l] = delta.sum(axis=1, keepdims=True)
            delta = self.weights[l].T @ delta
        return dW, db


def fit(net, X, Y, lr=0.05, epochs=400):
    for epoch in range(epochs):
        out = net.forward(X)
        loss = 0.5 * np.sum((out - Y) ** 2) / Y.shape[1]
        dW, db = net.backward(Y)
        net.weights = [W - lr * g for W, g in zip(net.weights, dW)]
        net.biases = [b - lr * g for b, g in zip(net.biases, db)]
        if epoch % 100 == 0:
            print(epoch, loss)


X = rng.uniform(-1, 1, (2, 64))
Y = np.sin(3 * X[:1]) + X[1:] ** 2
fit(Net([2, 7, 5, 3, 1]), X, Y)
