import numpy as np

np.random.seed(33)


class AdamNet:
    def __init__(self, n_in, n_hid, n_out):
        self.params = [
            np.random.randn(n_hid, n_in) * np.sqrt(1.0 / n_in), np.zeros((n_hid, 1)),
            np.random.randn(n_out, n_hid) * np.sqrt(1.0 / n_hid), np.zeros((n_out, 1)),
        ]
        self.m = [np.zeros_like(p) for p in self.params]
        self.v = [np.zeros_like(p) for p in self.params]
        self.t = 0

    def forward(self, X):
        W1, b1, W2, b2 = self.params
        self.A1 = np.tanh(W1 @ X + b1)
        return W2 @ self.A1 + b2

    def gradients(self, X, Y, out):
        W1, b1, W2, b2 = self.params
        n = X.shape[1]
        dZ2 = (out - Y) / n
        dZ1 = (W2.T @ dZ2) * (1 - self.A1 ** 2)
        return [dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dZ2 @ self.A1.T, dZ2.sum(axis=1, keepdims=True)]

    def adam(self, grads, alpha=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
        self.t += 1
        for i, g in enumerate(grads):
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g ** 2
            m_hat = self.m[i] / (1 - beta1 ** self.t)
            v_hat = self.v[i] / (1 - beta2 ** self.t)
            self.params[i] = self.params[i] - alpha * self.m[i] / (np.sqrt(self.v[i]) + eps)


X = np.random.uniform(-1, 1, (2, 50))
Y = np.vstack([X[0] * X[1], X[0] - X[1]])
net = AdamNet(2, 8, 2)
for step in range(400):
    out = net.forward(X)
    loss = np.sum((out - Y) ** 2) / (2 * X.shape[1])
    grads = net.gradients(X, Y, out)
    net.adam(grads)
    if step % 100 == 0:
        print("step", step, "loss", loss)
