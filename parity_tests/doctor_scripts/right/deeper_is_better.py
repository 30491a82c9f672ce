import numpy as np


class DeepNet:
    def __init__(self, sizes):
        np.random.seed(16)
        self.weights = []
        self.biases = []
        for i in range(len(sizes) - 1):
            self.weights.append(np.random.randn(sizes[i + 1], sizes[i]) * 0.1)
            self.biases.append(np.zeros((sizes[i + 1], 1)))

    def forward(self, x):
        self.activations = [x]
        for w, b in zip(self.weights, self.biases):
            z = np.dot(w, self.activations[-1]) + b
            self.activations.append(1 / (1 + np.exp(-z)))
        return self.activations[-1]

    def backward(self, y):
        self.grad_w, self.grad_b = [], []
        out = self.activations[-1]
        delta = (out - y) / y.shape[1]              # cross entropy
        for i in range(len(self.weights) - 1, -1, -1):
            self.grad_w.insert(0, np.dot(delta, self.activations[i].T))
            self.grad_b.insert(0, np.sum(delta, axis=1, keepdims=True))
            if i:
                a = self.activations[i]
                delta = np.dot(self.weights[i].T, delta) * a * (1 - a)

    def update(self, lr):
        for i in range(len(self.weights)):
            self.weights[i] -= lr * self.grad_w[i]
            self.biases[i] -= lr * self.grad_b[i]


r = np.random.RandomState(1)
x = r.randn(2, 110)
y = (x[0] * x[1] > 0).astype(float).reshape(1, -1)

net = DeepNet([2, 8, 7, 6, 1])
for step in range(1500):
    out = net.forward(x)
    cost = -np.mean(y * np.log(out) + (1 - y) * np.log(1 - out))
    net.backward(y)
    net.update(0.5)
    if step % 300 == 0:
        print(step, cost)
print("accuracy", np.mean((out > 0.5) == y))
