import math
import numpy as np

sigmoid = np.vectorize(lambda v: 1 / (1 + math.exp(-v)))
dsigmoid = np.vectorize(lambda s: s * (1 - s))      # s is already sigmoid(v)

# outputs: AND, OR
samples = [
    (np.array([0., 0.]), np.array([0., 0.])),
    (np.array([0., 1.]), np.array([0., 1.])),
    (np.array([1., 0.]), np.array([0., 1.])),
    (np.array([1., 1.]), np.array([1., 1.])),
]

r = np.random.RandomState(5)
w_hidden = r.uniform(-1, 1, (2, 3))
bias_hidden = r.uniform(-1, 1, 3)
w_output = r.uniform(-1, 1, (3, 2))
bias_output = r.uniform(-1, 1, 2)
LR = 0.8

for epoch in range(700):
    total = 0
    for x, t in samples:
        hidden = sigmoid(x.dot(w_hidden) + bias_hidden)
        output = sigmoid(hidden.dot(w_output) + bias_output)

        error = t - output
        total += 0.5 * (error ** 2).sum()

        delta_out = error * dsigmoid(output)
        delta_hid = w_output.dot(delta_out) * dsigmoid(hidden)

        w_output += LR * np.outer(hidden, delta_out)
        bias_output += LR * delta_out
        w_hidden += LR * np.outer(x, delta_hid)
        bias_hidden += LR * delta_hid
    if epoch % 100 == 0:
        print(epoch, total)
