import numpy as np


class NeuralNetwork(object):
    def __init__(self, input_nodes, hidden_nodes, output_nodes, learning_rate):
        self.weights_input_to_hidden = np.random.normal(0.0, input_nodes ** -0.5, (input_nodes, hidden_nodes))
        self.weights_hidden_to_output = np.random.normal(0.0, hidden_nodes ** -0.5, (hidden_nodes, output_nodes))
        self.lr = learning_rate
        self.activation_function = lambda x: 1 / (1 + np.exp(-x))

    def train(self, features, targets):
        n_records = features.shape[0]
        delta_weights_i_h = np.zeros(self.weights_input_to_hidden.shape)
        delta_weights_h_o = np.zeros(self.weights_hidden_to_output.shape)
        for X, y in zip(features, targets):
            hidden_outputs, final_outputs = self.forward_pass_train(X)
            delta_weights_i_h, delta_weights_h_o = self.backpropagation(
                final_outputs, hidden_outputs, X, y, delta_weights_i_h, delta_weights_h_o)
        self.update_weights(delta_weights_i_h, delta_weights_h_o, n_records)

    def forward_pass_train(self, X):
        hidden_outputs = self.activation_function(np.dot(X, self.weights_input_to_hidden))
        final_outputs = np.dot(hidden_outputs, self.weights_hidden_to_output)    # regression, no activation
        return hidden_outputs, final_outputs

    def backpropagation(self, final_outputs, hidden_outputs, X, y, delta_weights_i_h, delta_weights_h_o):
        error = y - final_outputs
        output_error_term = error
        hidden_error = np.dot(self.weights_hidden_to_output, output_error_term)
        hidden_error_term = hidden_error * hidden_outputs * (1 - hidden_outputs)
        delta_weights_i_h += hidden_error_term * X[:, None]
        delta_weights_h_o += output_error_term * hidden_outputs[:, None]
        return delta_weights_i_h, delta_weights_h_o

    def update_weights(self, delta_weights_i_h, delta_weights_h_o, n_records):
        self.weights_hidden_to_output += self.lr * delta_weights_h_o / n_records
        self.weights_input_to_hidden += self.lr * delta_weights_i_h / n_records

    def run(self, features):
        return self.activation_function(features @ self.weights_input_to_hidden) @ self.weights_hidden_to_output


def MSE(y, Y):
    return np.mean((y - Y) ** 2)


np.random.seed(21)
hours = np.arange(240)
features = np.column_stack([
    np.sin(hours * 2 * np.pi / 24), np.cos(hours * 2 * np.pi / 24),
    (hours // 24 % 7 >= 5).astype(float), np.random.randn(240) * 0.5, np.ones(240),
])
rides = 3 * features[:, 0] - 2 * features[:, 1] * (1 - features[:, 2]) + 0.5 * features[:, 3]
rides = (rides - rides.mean()) / rides.std()

network = NeuralNetwork(5, 8, 1, 0.4)
for ii in range(500):
    batch = np.random.choice(len(features), size=32)
    network.train(features[batch], rides[batch])
    if ii % 100 == 0:
        print("Training loss:", MSE(network.run(features).T, rides))
