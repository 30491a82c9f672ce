import numpy as np

np.random.seed(14)


class FCLayer:
    def __init__(self, input_size, output_size):
        self.weights = np.random.rand(input_size, output_size) - 0.5
        self.bias = np.random.rand(1, output_size) - 0.5

    def forward_propagation(self, input_data):
        self.input = input_data
        self.output = np.dot(self.input, self.weights) + self.bias
        return self.output

    def backward_propagation(self, output_error, learning_rate):
        weights_error = np.dot(self.input.T, output_error)
        self.weights -= learning_rate * weights_error
        self.bias -= learning_rate * output_error.sum(axis=0)
        return np.dot(output_error, self.weights.T)


class ActivationLayer:
    def forward_propagation(self, input_data):
        self.input = input_data
        return np.tanh(self.input)

    def backward_propagation(self, output_error, learning_rate):
        return (1 - np.tanh(self.input) ** 2) * output_error


def mse(y_true, y_pred):
    return np.mean(np.power(y_true - y_pred, 2))


def mse_prime(y_true, y_pred):
    return 2 * (y_pred - y_true) / y_true.size


x_train = np.array([[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]]])
y_train = np.array([[[0]], [[1]], [[1]], [[0]]])
layers = [FCLayer(2, 3), ActivationLayer(), FCLayer(3, 1), ActivationLayer()]

for i in range(500):
    err = 0
    for j in range(len(x_train)):
        output = x_train[j]
        for layer in layers:
            output = layer.forward_propagation(output)
        err += mse(y_train[j], output)
        error = mse_prime(y_train[j], output)
        for layer in reversed(layers):
            error = layer.backward_propagation(error, 0.1)
    if i % 100 == 0:
        print("epoch %d/%d   error=%f" % (i + 1, 500, err / len(x_train)))
