import numpy as np

rng = np.random.default_rng(26)


class Param:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)

    def zero_grad(self):
        self.grad = np.zeros_like(self.value)


class Model:
    def __init__(self):
        self.w1 = Param(rng.normal(0, 0.6, (1, 6)))
        self.b1 = Param(rng.normal(0, 0.6, 6))
        self.w2 = Param(rng.normal(0, 0.6, (6, 1)))
        self.b2 = Param(np.zeros(1))
        self.parameters = [self.w1, self.b1, self.w2, self.b2]

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.w1.value + self.b1.value)
        return self.h @ self.w2.value + self.b2.value

    def backward(self, d_out):
        self.w2.grad += self.h.T @ d_out
        self.b2.grad += d_out.sum(axis=0)
        d_h = d_out @ self.w2.value.T * (1 - self.h ** 2)
        self.w1.grad += self.x.T @ d_h
        self.b1.grad += d_h.sum(axis=0)


def half_mse(pred, y):
    return 0.5 * np.mean((pred - y) ** 2)


x = np.linspace(-1, 1, 25)[:, None]
y = x ** 3 - 0.5 * x
model = Model()
for epoch in range(60):
    pred = model.forward(x)
    loss = half_mse(pred, y)
    d_pred = 2 * (pred - y) / len(y)
    model.backward(d_pred)
    for p in model.parameters:
        p.value = p.value - 0.01 * p.grad
    if epoch % 10 == 0:
        print(epoch, loss)
