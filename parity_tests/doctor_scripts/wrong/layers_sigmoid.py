import numpy as np


class Dense:
    def __init__(self, n_in, n_out, rng):
        self.weights = rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_out))
        self.bias = np.zeros((1, n_out))

    def forward(self, x):
        self.input = x
        return x @ self.weights + self.bias

    def backward(self, grad, lr):
        grad_input = grad @ self.weights.T
        self.d_weights = self.input.T @ grad
        self.d_bias = grad.sum(axis=0, keepdims=True)
        self.weights = self.weights - lr * self.d_weights
        self.bias = self.bias - lr * self.d_bias
        return grad_input


class Sigmoid:
    def forward(self, x):
        self.input = x
        self.output = 1.0 / (1.0 + np.exp(-x))
        return self.output

    def backward(self, grad, lr):
        return grad * (self.input * (1 - self.input))


rng = np.random.default_rng(11)
X = rng.uniform(-1, 1, (48, 3))
T = np.column_stack([(X.sum(axis=1) > 0), (X[:, 0] > X[:, 1])]).astype(float)

network = [Dense(3, 7, rng), Sigmoid(), Dense(7, 2, rng), Sigmoid()]

for epoch in range(300):
    out = X
    for layer in network:
        out = layer.forward(out)
    err = np.mean((out - T) ** 2)
    grad = 2 * (out - T) / T.size
    for layer in reversed(network):
        grad = layer.backward(grad, 0.1)
    if epoch % 50 == 0:
        print(epoch, err)
