from math import exp
from random import random, seed

seed(5)


def network(n_in, n_mid, n_out):
    mid = [{"weights": [random() - 0.5 for _ in range(n_in + 1)]} for _ in range(n_mid)]
    out = [{"weights": [random() - 0.5 for _ in range(n_mid + 1)]} for _ in range(n_out)]
    return [mid, out]


def weighted(weights, inputs):
    total = weights[-1]
    for i in range(len(weights) - 1):
        total += weights[i] * inputs[i]
    return total


def forward(net, row):
    inputs = row
    for layer in net:
        outputs = []
        for unit in layer:
            unit["output"] = 1.0 / (1.0 + exp(-weighted(unit["weights"], inputs)))
            outputs.append(unit["output"])
        inputs = outputs
    return inputs


def backward(net, expected):
    for number in reversed(range(len(net))):
        layer = net[number]
        for j, unit in enumerate(layer):
            if number == len(net) - 1:
                error = unit["output"] - expected[j]
            else:
                error = sum(above["weights"][j] * above["delta"] for above in net[number + 1])
            unit["delta"] = error * unit["output"] * (1.0 - unit["output"])


def update(net, row, rate):
    for number, layer in enumerate(net):
        inputs = row if number == 0 else [unit["output"] for unit in net[number - 1]]
        for unit in layer:
            for j, value in enumerate(inputs):
                unit["weights"][j] -= rate * unit["delta"] * value
            unit["weights"][-1] -= rate * unit["delta"]


rows = [[0.2, 1.1], [0.5, -0.4], [-0.9, 0.3], [1.3, 0.8], [-0.2, -1.2], [0.7, 0.1]]
labels = [0, 1, 2, 0, 1, 2]
net = network(2, 4, 3)
for epoch in range(6):
    error = 0.0
    for row, label in zip(rows, labels):
        expected = [0.0] * 3
        expected[label] = 1.0
        outputs = forward(net, row)
        error += sum((outputs[i] - expected[i]) ** 2 for i in range(3))
        backward(net, expected)
        update(net, row, 0.3)
    if epoch % 5 == 0:
        print(epoch, error)
