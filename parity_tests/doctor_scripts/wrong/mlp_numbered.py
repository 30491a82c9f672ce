import numpy as np

rng = np.random.default_rng(68)


class MLP:
    def __init__(self, dims):
        self.L = len(dims) - 1
        self.W, self.b = {}, {}
        for l in range(1, self.L + 1):
            self.W[l] = rng.standard_normal((dims[l], dims[l - 1])) / np.sqrt(dims[l - 1])
            self.b[l] = np.zeros((dims[l], 1))

    def forward(self, X):
        self.A = {0: X}
        self.A[1] = np.tanh(self.W[1] @ X + self.b[1])
        self.A[2] = self.W[2] @ self.A[1] + self.b[2]
        return self.A[2]

    def backward(self, Y):
        N = Y.shape[1]
        self.dW, self.db = {}, {}
        dZ = 2 / N * (self.A[2] - Y)
        for l in range(self.L, 0, -1):
            self.dW[l] = dZ @ self.A[l - 1].T
            self.db[l] = dZ.sum(axis=1, keepdims=True)
            if l > 1:
                dZ = self.W[l].T @ dZ * (1 - self.A[l - 1] ** 2)

    def gradient_step(self, alpha):
        for l in range(self.L, 1, -1):
            self.W[l] -= alpha * self.dW[l]
            self.b[l] -= alpha * self.db[l]


X = rng.uniform(-1, 1, (3, 60))
Y = np.vstack([np.sin(2 * X[0]), X[1] * X[2]])
mlp = MLP([3, 7, 2])
for i in range(500):
    Y_hat = mlp.forward(X)
    cost = np.sum((Y_hat - Y) ** 2) / Y.shape[1]
    mlp.backward(Y)
    mlp.gradient_step(0.1)
    if i % 100 == 0:
        print(i, cost)
