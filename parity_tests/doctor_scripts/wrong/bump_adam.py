import numpy as np

rng = np.random.default_rng(84)


class Net:
    def __init__(self):
        self.p = {
            "W1": rng.normal(0, 0.7, (2, 6)), "b1": np.zeros(6),
            "W2": rng.normal(0, 0.4, (6, 1)), "b2": np.zeros(1),
        }
        # both moments start at zero
        self.m = self.v = {k: np.zeros_like(w) for k, w in self.p.items()}
        self.t = 0

    def forward(self, X):
        self.h = np.tanh(X @ self.p["W1"] + self.p["b1"])
        return self.h @ self.p["W2"] + self.p["b2"]

    def backward(self, X, y, out):
        d = 2 * (out - y) / len(y)
        dh = d @ self.p["W2"].T * (1 - self.h ** 2)
        return {"W1": X.T @ dh, "b1": dh.sum(0), "W2": self.h.T @ d, "b2": d.sum(0)}

    def adam(self, grads, lr=0.01, b1=0.9, b2=0.999, eps=1e-8):
        self.t += 1
        for k, g in grads.items():
            self.m[k] *= b1
            self.m[k] += (1 - b1) * g
            m_hat = self.m[k] / (1 - b1 ** self.t)
            self.v[k] *= b2
            self.v[k] += (1 - b2) * g * g
            v_hat = self.v[k] / (1 - b2 ** self.t)
            self.p[k] -= lr * m_hat / (np.sqrt(np.abs(v_hat)) + eps)


X = rng.uniform(-1, 1, (40, 2))
y = np.exp(-4 * (X ** 2).sum(axis=1, keepdims=True))
net = Net()
for i in range(300):
    out = net.forward(X)
    mse = np.mean((out - y) ** 2)
    grads = net.backward(X, y, out)
    net.adam(grads)
    if i % 60 == 0:
        print(i, mse)
