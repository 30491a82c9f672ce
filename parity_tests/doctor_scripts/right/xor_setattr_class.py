import numpy as np


class NN:
    def __init__(self):
        rng = np.random.default_rng(3)
        self.w0 = rng.normal(0, 1, (2, 5))
        self.b0 = np.zeros((1, 5))
        self.w1 = rng.normal(0, 1, (5, 1))
        self.b1 = np.zeros((1, 1))

    def s(self, z):
        return 1 / (1 + np.exp(-z))

    def ds(self, z):
        return self.s(z) * (1 - self.s(z))

    def forward(self, x):
        self.z0 = x @ self.w0 + self.b0
        self.a0 = self.s(self.z0)
        self.z1 = self.a0 @ self.w1 + self.b1
        return self.s(self.z1)

    def gradients(self, x, y, out):
        d1 = 2 * (out - y) / len(x) * self.ds(self.z1)
        d0 = d1 @ self.w1.T * self.ds(self.z0)
        return {"w1": self.a0.T @ d1, "b1": d1.sum(0, keepdims=True),
                "w0": x.T @ d0, "b0": d0.sum(0, keepdims=True)}

    def train(self, x, y, epochs, lr):
        for e in range(epochs):
            out = self.forward(x)
            g = self.gradients(x, y, out)
            for name, grad in g.items():
                setattr(self, name, getattr(self, name) - lr * grad)
            if e % 20 == 0:
                print("epoch", e, "mse", np.mean((out - y) ** 2))


EPOCHS = 100
xor_in = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
xor_out = np.array([[0], [1], [1], [0]])
nn = NN()
nn.train(xor_in, xor_out, EPOCHS, 0.5)
print(nn.forward(xor_in))
