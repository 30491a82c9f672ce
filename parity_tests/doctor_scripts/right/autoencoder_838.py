import numpy as np


class AutoEncoder:
    def __init__(self, n, k, rng):
        self.W_enc = rng.normal(0, 0.5, (k, n))
        self.b_enc = np.zeros(k)
        self.W_dec = rng.normal(0, 0.5, (n, k))
        self.b_dec = np.zeros(n)

    def encode(self, x):
        return 1 / (1 + np.exp(-(self.W_enc @ x + self.b_enc)))

    def decode(self, c):
        return 1 / (1 + np.exp(-(self.W_dec @ c + self.b_dec)))

    def train_one(self, x, eta):
        c = self.encode(x)
        r = self.decode(c)
        err = x - r
        delta_dec = err * r * (1 - r)
        delta_enc = (self.W_dec.T @ delta_dec) * c * (1 - c)
        self.W_dec += eta * np.outer(delta_dec, c)
        self.b_dec += eta * delta_dec
        self.W_enc += eta * np.outer(delta_enc, x)
        self.b_enc += eta * delta_enc
        return np.sum(err ** 2)


# the 8-3-8 problem from Mitchell's book
rng = np.random.default_rng(838)
patterns = np.eye(8)
net = AutoEncoder(8, 3, rng)
for epoch in range(2500):
    sse = sum(net.train_one(x, 1.0) for x in rng.permutation(patterns))
    if epoch % 500 == 0:
        print("epoch", epoch, "sse", sse)
for x in patterns:
    print(x.astype(int), net.encode(x).round(1))
