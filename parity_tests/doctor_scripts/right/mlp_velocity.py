import numpy as np


class MLP:
    """layer_sizes e.g. [2, 10, 1]; samples are rows; tanh hidden, linear output"""

    def __init__(self, layer_sizes, lr=0.02, momentum=0.9, seed=0):
        rng = np.random.default_rng(seed)
        self.lr, self.momentum = lr, momentum
        self.w, self.b, self.vw, self.vb = [], [], [], []
        for n_in, n_out in zip(layer_sizes[:-1], layer_sizes[1:]):
            self.w.append(rng.normal(scale=1 / np.sqrt(n_in), size=(n_in, n_out)))
            self.b.append(np.zeros(n_out))
            self.vw.append(np.zeros((n_in, n_out)))
            self.vb.append(np.zeros(n_out))

    def forward(self, x):
        self.acts = [x]
        for i, (w, b) in enumerate(zip(self.w, self.b)):
            z = self.acts[-1] @ w + b
            self.acts.append(z if i == len(self.w) - 1 else np.tanh(z))
        return self.acts[-1]

    def backward(self, y):
        self.gw = [None] * len(self.w)
        self.gb = [None] * len(self.w)
        delta = 2 * (self.acts[-1] - y) / y.shape[0]
        for i in reversed(range(len(self.w))):
            self.gw[i] = self.acts[i].T @ delta
            self.gb[i] = delta.sum(axis=0)
            if i > 0:
                delta = (delta @ self.w[i].T) * (1 - self.acts[i] ** 2)

    def step(self):
        for i in range(len(self.w)):
            self.vw[i] = self.momentum * self.vw[i] + self.gw[i]
            self.vb[i] = self.momentum * self.vb[i] + self.gb[i]
            self.w[i] -= self.lr * self.vw[i]
            self.b[i] -= self.lr * self.vb[i]

    def fit(self, x, y, epochs=300, batch_size=16, verbose=True):
        rng = np.random.default_rng(1)
        for epoch in range(epochs):
            idx = rng.permutation(len(x))
            for k in range(0, len(x), batch_size):
                part = idx[k:k + batch_size]
                self.forward(x[part])
                self.backward(y[part])
                self.step()
            if verbose and epoch % 50 == 0:
                print(epoch, np.mean((self.forward(x) - y) ** 2))


g = np.linspace(-1, 1, 10)
x = np.array([(a, c) for a in g for c in g])
y = (x[:, :1] ** 2 - x[:, 1:] ** 2 + 0.5 * x[:, :1] * x[:, 1:])
net = MLP([2, 10, 6, 1])
net.fit(x, y)
