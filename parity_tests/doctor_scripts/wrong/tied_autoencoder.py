import numpy as np


class TiedAutoencoder:
    """decoder uses the transpose of the encoder's weights"""

    def __init__(self, n_visible, n_hidden):
        r = np.random.default_rng(48)
        self.W = r.normal(0, 0.5, (n_visible, n_hidden))
        self.c = np.zeros(n_hidden)
        self.d = np.zeros(n_visible)

    def forward(self, x):
        self.x = x
        self.h = 1 / (1 + np.exp(-(x @ self.W + self.c)))
        return self.h @ self.W.T + self.d

    def backward(self, out):
        g_out = (out - self.x) / len(out)
        g_h = (g_out @ self.W) * self.h * (1 - self.h)
        self.gW = self.x.T @ g_h
        self.gc = g_h.sum(axis=0)
        self.gd = g_out.sum(axis=0)

    def step(self, lr):
        self.W -= lr * self.gW
        self.c -= lr * self.gc
        self.d -= lr * self.gd


r = np.random.default_rng(49)
code = r.normal(size=(50, 2))
X = code @ r.normal(size=(2, 6)) + 0.1 * r.normal(size=(50, 6))
ae = TiedAutoencoder(6, 3)
for i in range(500):
    out = ae.forward(X)
    loss = 0.5 * np.mean(np.sum((out - X) ** 2, axis=1))
    ae.backward(out)
    ae.step(0.1)
    if i % 100 == 0:
        print("step", i, "reconstruction error", loss)
