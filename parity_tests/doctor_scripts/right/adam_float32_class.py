import numpy as np

f32 = np.float32


class Regressor:
    def __init__(self, n_in, n_hidden, lr=0.01):
        rng = np.random.default_rng(64)
        self.p = {
            "W1": rng.standard_normal((n_in, n_hidden), dtype=f32) * f32(0.6),
            "b1": np.zeros(n_hidden, dtype=f32),
            "W2": rng.standard_normal((n_hidden, 1), dtype=f32) * f32(0.3),
            "b2": np.zeros(1, dtype=f32),
        }
        self.m = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.v = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.t = 0
        self.lr = lr

    def predict(self, X):
        self.X = X
        self.h = np.maximum(X @ self.p["W1"] + self.p["b1"], 0)
        return self.h @ self.p["W2"] + self.p["b2"]

    def gradient(self, err):
        g = (2 * err / err.shape[0]).astype(f32)
        gh = (g @ self.p["W2"].T) * (self.h > 0)
        return {"W1": self.X.T @ gh, "b1": gh.sum(axis=0), "W2": self.h.T @ g, "b2": g.sum(axis=0)}

    def step(self, grads):
        self.t += 1
        for k in self.p:
            g = grads[k]
            self.m[k] = 0.9 * self.m[k] + 0.1 * g
            self.v[k] = 0.999 * self.v[k] + 0.001 * g * g
            m = self.m[k] / (1 - 0.9 ** self.t)
            v = self.v[k] / (1 - 0.999 ** self.t)
            self.p[k] -= self.lr * m / (np.sqrt(v) + 1e-8)


rng = np.random.default_rng(65)
X = rng.uniform(-1, 1, (128, 4)).astype(f32)
y = (X[:, :1] * X[:, 1:2] + np.abs(X[:, 2:3])).astype(f32)
model = Regressor(4, 18)
for epoch in range(500):
    out = model.predict(X)
    grads = model.gradient(out - y)
    model.step(grads)
    if epoch % 100 == 0:
        print(epoch, float(np.mean((out - y) ** 2)), out.dtype)
