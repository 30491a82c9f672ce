import numpy as np

rng = np.random.default_rng(63)


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


class Net:
    def __init__(self):
        self.W1 = rng.normal(0, 0.8, (5, 2))
        self.b1 = np.zeros((5, 1))
        self.W2 = rng.normal(0, 0.8, (3, 5))
        self.b2 = np.zeros((3, 1))

    def forward(self, X):
        self.Z1 = self.W1 @ X + self.b1
        self.A1 = np.tanh(self.Z1)
        self.Z2 = self.W2 @ self.A1 + self.b2
        self.A2 = softmax(self.Z2)
        return self.A2

    def backward(self, X, Y):
        m = X.shape[1]
        dA2 = 2 * (self.A2 - Y) / m
        dZ2 = dA2 * self.A2 * (1 - self.A2)
        self.dW2 = dZ2 @ self.A1.T
        self.db2 = dZ2.sum(axis=1, keepdims=True)
        dZ1 = self.W2.T @ dZ2 * (1 - self.A1 ** 2)
        self.dW1 = dZ1 @ X.T
        self.db1 = dZ1.sum(axis=1, keepdims=True)

    def update(self, lr):
        self.W1 -= lr * self.dW1
        self.b1 -= lr * self.db1
        self.W2 -= lr * self.dW2
        self.b2 -= lr * self.db2


kinds = rng.integers(0, 3, 50)
X = np.array([[0, 2, -2], [1.5, -1, -1]])[:, kinds] + 0.7 * rng.normal(size=(2, 50))
Y = np.eye(3)[:, kinds]

net = Net()
for i in range(400):
    A2 = net.forward(X)
    mse = np.sum((A2 - Y) ** 2) / X.shape[1]
    net.backward(X, Y)
    net.update(0.5)
    if i % 100 == 0:
        print("Iteration", i, "MSE", mse, "accuracy", np.mean(A2.argmax(0) == kinds))
