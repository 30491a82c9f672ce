import numpy as np

# one observation at a time, no @ anywhere
rng = np.random.default_rng(8)
data = rng.uniform(-1, 1, (12, 3))
goal = np.tanh(data[:, 0] - data[:, 2])
W = rng.normal(0, 0.7, (5, 3))
b = np.zeros(5)
v = rng.normal(0, 0.7, 5)
c = np.zeros(1)
eta = 0.1

for epoch in range(6):
    total = 0.0
    for x, y in zip(data, goal):
        z = np.sum(W * x, axis=1) + b
        h = np.tanh(z)
        out = (v * h).sum() + c[0]
        total += 0.5 * (out - y) ** 2
        d = out - y
        dh = d * v * (1 - h**2)
        v = v - eta * d * h
        c = c - eta * d
        W = W - eta * dh[:, None] * x
        b = b - eta * dh
    if epoch % 5 == 0:
        print(epoch, total)
