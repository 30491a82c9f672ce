import numpy as np


class Dense:
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size)
        self.bias = np.random.randn(output_size, 1)

    def forward(self, input):
        self.input = input
        return np.dot(self.weights, self.input) + self.bias

    def backward(self, output_gradient, learning_rate):
        weights_gradient = np.dot(output_gradient, self.input.T)
        bias_gradient = np.sum(output_gradient, axis=1, keepdims=True)
        input_gradient = np.dot(self.weights.T, output_gradient)
        self.weights -= learning_rate * weights_gradient
        self.bias -= learning_rate * bias_gradient
        return input_gradient


class Sigmoid:
    def forward(self, input):
        self.output = 1 / (1 + np.exp(-input))
        return self.output

    def backward(self, output_gradient, learning_rate):
        return output_gradient * self.output * (1 - self.output)


class Softplus:
    def forward(self, input):
        self.input = input
        return np.log(1 + np.exp(input))

    def backward(self, output_gradient, learning_rate):
        return output_gradient / (1 + np.exp(-self.input))


def mse(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)


def mse_prime(y_true, y_pred):
    return 2 * (y_pred - y_true) / np.size(y_true)


np.random.seed(66)
X = np.random.rand(3, 50)
Y = np.vstack([X.mean(axis=0), X.max(axis=0) - X.min(axis=0)])

network = [Dense(3, 5), Softplus(), Dense(5, 2), Sigmoid()]

for e in range(3000):
    output = X
    for layer in network:
        output = layer.forward(output)
    error = mse(Y, output)
    grad = mse_prime(Y, output)
    for layer in reversed(network):
        grad = layer.backward(grad, 0.5)
    if e % 500 == 0:
        print(f"{e}/3000, error={error}")
