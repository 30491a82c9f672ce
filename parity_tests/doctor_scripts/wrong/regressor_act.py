import numpy as np

rng = np.random.RandomState(87)


class Activation:
    def __call__(self, z):
        return np.tanh(z)

    def prime(self, z):
        return 1 - np.tanh(z ** 2)


class Regressor:
    def __init__(self, hidden):
        self.f = Activation()
        self.v = rng.randn(hidden, 1)
        self.c = rng.randn(hidden, 1) * 0.5
        self.w = rng.randn(1, hidden) / np.sqrt(hidden)
        self.d = np.zeros((1, 1))

    def forward(self, x):
        self.z = self.v @ x + self.c
        self.a = self.f(self.z)
        return self.w @ self.a + self.d

    def grads(self, x, y, y_hat):
        delta = 2 * (y_hat - y) / x.shape[1]
        dw = delta @ self.a.T
        dd = delta.sum(axis=1, keepdims=True)
        delta = self.w.T @ delta * self.f.prime(self.z)
        dv = delta @ x.T
        dc = delta.sum(axis=1, keepdims=True)
        return dv, dc, dw, dd


x = np.linspace(-2, 2, 30).reshape(1, -1)
y = np.sin(2 * x)
reg = Regressor(9)
for i in range(800):
    y_hat = reg.forward(x)
    cost = np.mean((y_hat - y) ** 2)
    dv, dc, dw, dd = reg.grads(x, y, y_hat)
    reg.v, reg.c = reg.v - 0.05 * dv, reg.c - 0.05 * dc
    reg.w, reg.d = reg.w - 0.05 * dw, reg.d - 0.05 * dd
    if i % 200 == 0:
        print(i, cost)
