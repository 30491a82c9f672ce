import numpy as np

rng = np.random.default_rng(58)


def squash(x):
    return 1 / (1 + np.exp(-x))


def squash_prime(x):
    return squash(x) * (1 - squash(x))


class TrialNeuralNet:
    def __init__(self, inputs, hidden, outputs):
        self.weights_ih = rng.uniform(-1, 1, (inputs, hidden))
        self.weights_ho = rng.uniform(-1, 1, (hidden, outputs))

    def predict(self, x):
        self.hidden = squash(np.matmul(x, self.weights_ih))
        self.out = squash(np.matmul(self.hidden, self.weights_ho))
        return self.out

    def train(self, x, y, lr=0.2):
        guess = self.predict(x)
        out_errors = y - guess
        out_gradient = out_errors * squash_prime(guess)
        hidden_errors = np.matmul(out_gradient, self.weights_ho.T)
        hidden_gradient = hidden_errors
        self.weights_ho += lr * np.matmul(self.hidden.T, out_gradient)
        self.weights_ih += lr * np.matmul(x.T, hidden_gradient)
        return 0.5 * np.sum(out_errors ** 2)


table = [([0, 0], [0]), ([0, 1], [1]), ([1, 0], [1]), ([1, 1], [0])]
net = TrialNeuralNet(2, 4, 1)
for n in range(4000):
    question, answer = table[rng.integers(0, 4)]
    error = net.train(np.array([question]), np.array([answer]))
    if n % 1000 == 0:
        print(n, error)
for question, answer in table:
    print(question, net.predict(np.array([question]))[0])
