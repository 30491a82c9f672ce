import numpy as np


class Neuron:
    def __init__(self, n_inputs, rng):
        self.weights = rng.uniform(-1, 1, n_inputs)
        self.bias = rng.uniform(-1, 1)
        self.output = 0.0
        self.delta = 0.0

    def activate(self, inputs):
        total = self.bias
        for w, v in zip(self.weights, inputs):
            total += w * v
        self.output = 1.0 / (1.0 + np.exp(-total))
        return self.output


def slope(output):
    return output * (1.0 - output)


class Net:
    def __init__(self, shape, seed=9):
        rng = np.random.default_rng(seed)
        self.layers = []
        for n_in, n_out in zip(shape, shape[1:]):
            self.layers.append([Neuron(n_in, rng) for _ in range(n_out)])

    def forward(self, row):
        values = row
        for layer in self.layers:
            values = [neuron.activate(values) for neuron in layer]
        return values

    def backward(self, expected):
        for i in reversed(range(len(self.layers))):
            for j, neuron in enumerate(self.layers[i]):
                if i == len(self.layers) - 1:
                    error = expected[j] - neuron.output
                else:
                    error = 0.0
                    for upper in self.layers[i + 1]:
                        error += upper.weights[j] * upper.delta
                neuron.delta = error * slope(neuron.output)

    def update(self, row, rate):
        values = row
        for layer in self.layers:
            for neuron in layer:
                for k in range(len(values)):
                    neuron.weights[k] += rate * neuron.delta * values[k]
                neuron.bias += rate * neuron.delta
            values = [neuron.output for neuron in layer]


dataset = np.array([
    [2.78, 2.55, 0], [1.46, 2.36, 0], [3.39, 4.40, 0], [1.38, 1.85, 0], [3.06, 3.00, 0],
    [7.62, 2.75, 1], [5.33, 2.08, 1], [6.92, 1.77, 1], [8.67, -0.24, 1], [7.67, 3.50, 1],
])
net = Net([2, 3, 2])
for epoch in range(150):
    sum_error = 0.0
    for *row, label in dataset:
        expected = [0, 0]
        expected[int(label)] = 1
        outputs = net.forward(row)
        sum_error += sum((e - o) ** 2 for e, o in zip(expected, outputs))
        net.backward(expected)
        net.update(row, 0.5)
    if epoch % 30 == 0:
        print(">epoch=%d, error=%.3f" % (epoch, sum_error))
