import numpy as np

rng = np.random.RandomState(3)


def act(z):
    return 1.0 / (1.0 + np.exp(-z))


class Network:
    def __init__(self, n_in, n_hidden, n_out, eta):
        self.V = rng.uniform(-0.7, 0.7, (n_in, n_hidden))
        self.U = rng.uniform(-0.7, 0.7, (n_hidden, n_out))
        self.eta = eta

    def run(self, x):
        self.hid = act(x @ self.V)
        self.out = act(self.hid @ self.U)
        return self.out

    def learn(self, x, t):
        out = self.run(x)
        delta_out = (t - out) * out * (1 - out)
        # every hidden unit gets blamed in proportion to its outgoing weights
        blame = delta_out.sum(axis=1, keepdims=True) * self.U.sum(axis=1)
        delta_hid = blame * self.hid * (1 - self.hid)
        self.U += self.eta * self.hid.T @ delta_out
        self.V += self.eta * x.T @ delta_hid
        return 0.5 * np.sum((t - out) ** 2)


groups = np.array([[1.5, 0.0], [-1.0, 1.2], [-0.5, -1.4]])
idx = rng.permutation(np.repeat(np.arange(3), 14))
pts = groups[idx] + 0.35 * rng.randn(42, 2)
target = np.eye(3)[idx]

net = Network(2, 6, 3, 0.3)
for epoch in range(120):
    sse = 0
    for s in range(0, 42, 7):
        xb, tb = pts[s:s + 7], target[s:s + 7]
        sse += net.learn(xb, tb)
    if epoch % 20 == 0:
        print(epoch, sse)
print("hits", (net.run(pts).argmax(1) == idx).mean())
