import numpy as np


class NeuralNetwork:
    def __init__(self, x, y):
        rng = np.random.RandomState(13)
        self.input = x
        self.weights1 = rng.rand(self.input.shape[1], 4)
        self.weights2 = rng.rand(4, 1)
        self.bias1 = np.zeros((1, 4))
        self.bias2 = np.zeros((1, 1))
        self.y = y
        self.output = np.zeros(self.y.shape)

    def sigmoid(self, t):
        return 1.0 / (1 + np.exp(-t))

    def feedforward(self):
        self.layer1 = self.sigmoid(np.dot(self.input, self.weights1) + self.bias1)
        self.output = self.sigmoid(np.dot(self.layer1, self.weights2) + self.bias2)

    def loss(self):
        return np.sum((self.y - self.output) ** 2)

    def backprop(self):
        d_output = 2 * (self.y - self.output)
        d_weights2 = np.dot(self.layer1.T, d_output)
        d_layer1 = np.dot(d_output, self.weights2.T) * self.layer1 * (1 - self.layer1)
        d_weights1 = np.dot(self.input.T, d_layer1)

        self.weights1 += 0.1 * d_weights1
        self.weights2 += 0.1 * d_weights2
        self.bias1 += 0.1 * d_layer1.sum(axis=0)
        self.bias2 += 0.1 * d_output.sum(axis=0)


X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
nn = NeuralNetwork(X, y)
for i in range(3000):
    nn.feedforward()
    nn.backprop()
    if i % 1000 == 0:
        print("loss", nn.loss())
print(nn.output.round(3))
