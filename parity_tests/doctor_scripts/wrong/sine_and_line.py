import numpy as np


def tanh_(x):
    return np.tanh(x)


class ThreeLayer:
    """in -> h -> h -> out, all weights as (in, out)"""

    def __init__(self, n_in, h, n_out, seed):
        r = np.random.default_rng(seed)
        self.Wa = r.normal(0, 0.6, (n_in, h))
        self.Wb = r.normal(0, 0.6, (h, h))
        self.Wc = r.normal(0, 0.6, (h, n_out))

    def __call__(self, x):
        self.x = x
        self.ha = tanh_(x @ self.Wa)
        self.hb = tanh_(self.ha @ self.Wb)
        return self.hb @ self.Wc

    def grad(self, out, target):
        g_out = 2 * (out - target) / target.size
        g_b = (g_out @ self.Wc.T) * (1 - self.hb ** 2)
        g_a = (g_b @ self.Wb) * (1 - self.ha ** 2)
        self.gWc = self.hb.T @ g_out
        self.gWb = self.ha.T @ g_b
        self.gWa = self.x.T @ g_a

    def apply(self, lr):
        for p in ("Wa", "Wb", "Wc"):
            setattr(self, p, getattr(self, p) - lr * getattr(self, "g" + p))


r = np.random.default_rng(100)
x = r.uniform(-2, 2, (64, 1))
target = np.hstack([np.sin(x), x / 2])
net = ThreeLayer(1, 5, 2, seed=3)
for i in range(801):
    out = net(x)
    mse = np.mean((out - target) ** 2)
    net.grad(out, target)
    net.apply(0.2)
    if i % 200 == 0:
        print(i, mse)
