import numpy as np


class neuralNetwork:
    # inputnodes, hiddennodes, outputnodes, learningrate
    def __init__(self, inputnodes, hiddennodes, outputnodes, learningrate):
        self.inodes = inputnodes
        self.hnodes = hiddennodes
        self.onodes = outputnodes
        self.wih = np.random.normal(0.0, pow(self.inodes, -0.5), (self.hnodes, self.inodes))
        self.who = np.random.normal(0.0, pow(self.hnodes, -0.5), (self.onodes, self.hnodes))
        self.lr = learningrate
        self.activation_function = lambda x: 1 / (1 + np.exp(-x))

    def train(self, inputs_list, targets_list):
        inputs = np.array(inputs_list, ndmin=2).T
        targets = np.array(targets_list, ndmin=2).T

        hidden_outputs = self.activation_function(np.dot(self.wih, inputs))
        final_outputs = self.activation_function(np.dot(self.who, hidden_outputs))

        output_errors = targets - final_outputs
        grad_out = output_errors * final_outputs * (1.0 - final_outputs)
        hidden_errors = np.dot(self.who.T, grad_out)

        self.who += self.lr * np.dot(grad_out, hidden_outputs.T)
        self.wih += self.lr * np.dot(hidden_errors * hidden_outputs * (1.0 - hidden_outputs), inputs.T)

    def query(self, inputs_list):
        inputs = np.array(inputs_list, ndmin=2).T
        return self.activation_function(self.who @ self.activation_function(self.wih @ inputs))


np.random.seed(123)
# seven segment displays with noise instead of mnist
segments = ["1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010"]
records = []
for repeat in range(12):
    for digit, s in enumerate(segments):
        pixels = np.array([int(c) for c in s]) * 0.98 + 0.01
        records.append((digit, np.clip(pixels + np.random.normal(0, 0.1, 7), 0.01, 1.0)))

n = neuralNetwork(7, 12, 8, 0.6)
for e in range(40):
    for digit, pixels in records:
        targets = np.zeros(8) + 0.01
        targets[digit] = 0.99
        n.train(pixels, targets)

score = [np.argmax(n.query(p)) == d for d, p in records]
print("performance =", sum(score) / len(score))
