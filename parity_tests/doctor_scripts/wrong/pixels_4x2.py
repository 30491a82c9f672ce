import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_derivative(s):
    return s * (1 - s)


class NeuralNet:
    def __init__(self, n_input, n_hidden, n_output, learning_rate):
        np.random.seed(0)
        self.weights_input_hidden = np.random.normal(0.0, n_hidden ** -0.5, (n_input, n_hidden))
        self.weights_hidden_output = np.random.normal(0.0, n_output ** -0.5, (n_hidden, n_output))
        self.lr = learning_rate

    def train(self, inputs, targets):
        hidden_outputs = sigmoid(np.dot(inputs, self.weights_input_hidden))
        final_outputs = sigmoid(np.dot(hidden_outputs, self.weights_hidden_output))

        output_errors = targets - final_outputs
        output_delta = output_errors * sigmoid_derivative(final_outputs)
        self.weights_hidden_output += self.lr * np.dot(hidden_outputs.T, output_delta)

        hidden_errors = np.dot(output_delta, self.weights_hidden_output.T)
        hidden_delta = hidden_errors * sigmoid_derivative(hidden_outputs)
        self.weights_input_hidden += self.lr * np.dot(inputs.T, hidden_delta)
        return 0.5 * np.sum(output_errors ** 2)


# tiny "digits", 4x2 pixels
zero = [1, 1, 1, 0, 0, 1, 1, 1]
one = [0, 1, 0, 1, 0, 1, 0, 1]
two = [1, 1, 0, 1, 1, 0, 1, 1]
rng = np.random.RandomState(1)
X = np.array([zero, one, two] * 10, dtype=float) * 0.9 + 0.05 + 0.05 * rng.rand(30, 8)
T = np.tile(np.eye(3) * 0.98 + 0.01, (10, 1))

nn = NeuralNet(8, 5, 3, 0.3)
for epoch in range(300):
    loss = nn.train(X, T)
    if epoch % 60 == 0:
        print("epoch", epoch, "loss", loss)
