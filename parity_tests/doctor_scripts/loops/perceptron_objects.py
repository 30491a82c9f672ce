import numpy as np


class Unit:
    def __init__(self, n, rng):
        self.w = rng.normal(0, 0.6, n)
        self.b = rng.normal(0, 0.2)

    def fire(self, x):
        self.x = x
        self.a = np.tanh(np.dot(self.w, x) + self.b)
        return self.a

    def learn(self, delta, rate):
        self.w = self.w - rate * delta * self.x
        self.b = self.b - rate * delta


rng = np.random.default_rng(31)
hidden = [Unit(3, rng) for _ in range(4)]
top = [Unit(4, rng) for _ in range(2)]
xs = rng.uniform(-1, 1, (8, 3))
ts = np.column_stack([xs[:, 0] * 0.7, -xs[:, 1] * xs[:, 2]])

for epoch in range(6):
    sse = 0.0
    for x, t in zip(xs, ts):
        h = np.array([unit.fire(x) for unit in hidden])
        y = np.array([unit.fire(h) for unit in top])
        sse += 0.5 * np.sum((y - t) ** 2)
        d_top = (y - t) * (1 - y**2)
        d_hidden = [sum(d_top[k] * top[k].w[j] for k in range(2)) * (1 - h[j] ** 2) for j in range(4)]
        for k in range(2):
            top[k].learn(d_top[k], 0.15)
        for j in range(4):
            hidden[j].learn(d_hidden[j], 0.15)
    if epoch % 5 == 0:
        print(epoch, sse)
