from math import exp
import random
import numpy as np

# one neuron, AND gate, no vectors, I want to see every number
random.seed(11)
data = np.array([[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 1]])

w1 = random.uniform(-0.5, 0.5)
w2 = random.uniform(-0.5, 0.5)
b = 0.0
rate = 0.5

for epoch in range(2500):
    cost = 0.0
    for x1, x2, target in data:
        z = w1 * x1 + w2 * x2 + b
        pred = 1 / (1 + exp(-z))
        cost += (pred - target) ** 2

        dcost_dpred = 2 * (pred - target)
        dpred_dz = pred * (1 - pred)
        dcost_dz = dcost_dpred * dpred_dz

        w1 = w1 - rate * dcost_dz * x1
        w2 = w2 - rate * dcost_dz * x2
        b = b - rate * dcost_dz
    if epoch % 500 == 0:
        print(epoch, round(cost, 5))

print("w1 %.3f  w2 %.3f  b %.3f" % (w1, w2, b))
