import numpy as np

np.random.seed(30)


class FullyConnected:
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size) / np.sqrt(input_size)
        self.biases = np.random.randn(output_size, 1) * 0.1
        self.dweights = np.zeros_like(self.weights)
        self.dbiases = np.zeros_like(self.biases)

    def forward(self, inputs):
        self.inputs = inputs
        return np.dot(self.weights, inputs) + self.biases

    def backward(self, dvalues):
        self.dweights = np.dot(dvalues, self.inputs.T)
        return np.dot(self.weights.T, dvalues)


class ReLU:
    def forward(self, inputs):
        self.mask = inputs > 0
        return inputs * self.mask

    def backward(self, dvalues):
        return dvalues * self.mask


class SGD:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def update(self, layer):
        layer.weights = layer.weights - self.learning_rate * layer.dweights
        layer.biases = layer.biases - self.learning_rate * layer.dbiases


fc1, relu, fc2 = FullyConnected(2, 9), ReLU(), FullyConnected(9, 1)
optimizer = SGD(0.05)

X = np.random.uniform(-1, 1, (2, 70))
Y = X[:1] ** 2 - 0.5 * X[1:] + 0.25

for epoch in range(401):
    out = fc2.forward(relu.forward(fc1.forward(X)))
    diff = out - Y
    mse = (diff ** 2).mean()
    grad = 2 * diff / diff.size
    fc1.backward(relu.backward(fc2.backward(grad)))
    for layer in (fc1, fc2):
        optimizer.update(layer)
    if epoch % 100 == 0:
        print("epoch:", epoch, "mse:", mse)
