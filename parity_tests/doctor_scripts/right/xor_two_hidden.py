import numpy as np


class XorNet:
    def __init__(self, seed):
        np.random.seed(seed)
        self.hidden_weights = np.random.uniform(size=(2, 2))
        self.hidden_bias = np.random.uniform(size=(1, 2))
        self.output_weights = np.random.uniform(size=(2, 1))
        self.output_bias = np.random.uniform(size=(1, 1))

    def train(self, inputs, expected_output, epochs, lr):
        for _ in range(epochs):
            hidden_layer_output = sigmoid(np.dot(inputs, self.hidden_weights) + self.hidden_bias)
            predicted_output = sigmoid(np.dot(hidden_layer_output, self.output_weights) + self.output_bias)

            error = expected_output - predicted_output
            d_predicted_output = error * sigmoid(predicted_output, derivative=True)
            error_hidden_layer = d_predicted_output.dot(self.output_weights.T)
            d_hidden_layer = error_hidden_layer * sigmoid(hidden_layer_output, derivative=True)

            self.output_weights += hidden_layer_output.T.dot(d_predicted_output) * lr
            self.output_bias += np.sum(d_predicted_output, axis=0, keepdims=True) * lr
            self.hidden_weights += inputs.T.dot(d_hidden_layer) * lr
            self.hidden_bias += np.sum(d_hidden_layer, axis=0, keepdims=True) * lr
        return predicted_output


def sigmoid(x, derivative=False):
    if derivative:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
expected_output = np.array([[0], [1], [1], [0]])
net = XorNet(seed=11)
predicted_output = net.train(inputs, expected_output, 10000, 0.5)
print(*predicted_output)
