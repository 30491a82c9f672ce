import numpy as np

rng = np.random.RandomState(62)


class Linear:
    def __init__(self, fan_in, fan_out):
        self.W = rng.normal(0, np.sqrt(2 / fan_in), (fan_out, fan_in))
        self.b = np.full((fan_out, 1), 0.2)
        self.gW, self.gb = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        return self.W @ x + self.b

    def backward(self, g):
        self.gW = g @ self.x.T / g.shape[1]
        return self.W.T @ g


class LeakyReLU:
    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, 0.2 * x)

    def backward(self, g):
        return np.where(self.x > 0, g, 0.2 * g)


net = [Linear(2, 6), LeakyReLU(), Linear(6, 3), LeakyReLU(), Linear(3, 1)]
x = rng.uniform(-1, 1, (2, 50))
y = np.abs(x[:1]) - x[1:] ** 2

for t in range(801):
    a = x
    for module in net:
        a = module.forward(a)
    mse = np.mean((a - y) ** 2)
    g = 2 * (a - y) / y.shape[1]
    for module in net[::-1]:
        g = module.backward(g)
    for module in net:
        if isinstance(module, Linear):
            module.W -= 0.3 * module.gW
            module.b -= 0.3 * module.gb
    if t % 200 == 0:
        print(t, mse)
