import numpy as np

rng = np.random.default_rng(1234)


class FeedForward:
    def __init__(self, *sizes):
        self.W = []
        self.b = []
        for fan_in, fan_out in zip(sizes, sizes[1:]):
            self.W.append(rng.normal(0, 1, (fan_in, fan_out)))
            self.b.append(np.zeros(fan_out))

    def propagate(self, batch):
        acts = [batch]
        for W, b in zip(self.W, self.b):
            acts.append(1 / (1 + np.exp(-(acts[-1] @ W + b))))
        return acts

    def cost(self, out, wanted):
        return 0.5 * ((out - wanted) ** 2).sum()

    def step(self, batch, wanted, eta):
        acts = self.propagate(batch)
        n = batch.shape[0]
        err = (acts[-1] - wanted) * acts[-1] * (1 - acts[-1])
        gW, gb = [], []
        for i in reversed(range(len(self.W))):
            gW.insert(0, acts[i].T @ err / n)
            gb.insert(0, err.mean(axis=0))
            if i > 0:
                err = (err @ self.W[i].T) * acts[i] * (1 - acts[i])
        for i in range(len(self.W)):
            self.W[i] -= eta * gW[i]
            self.b[i] -= eta * gb[i]
        return self.cost(acts[-1], wanted)


X = np.array([[i >> 2 & 1, i >> 1 & 1, i & 1] for i in range(8)], dtype=float)
carry = (X.sum(axis=1) >= 2).astype(float)
total = X.sum(axis=1) % 2
Y = np.stack([carry, total], axis=1)

adder = FeedForward(3, 5, 4, 2)
for k in range(2000):
    c = adder.step(X, Y, 0.9)
    if k % 400 == 0:
        print(k, "cost", round(c, 4))
