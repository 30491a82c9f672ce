import numpy as np


class Net:
    def __init__(self, n_in, n_hidden, n_out, seed):
        r = np.random.RandomState(seed)
        self.W1 = -np.abs(r.normal(0, 0.5, (n_hidden, n_in)))
        self.b1 = np.full((n_hidden, 1), -0.1)
        self.W2 = r.normal(0, 0.5, (n_out, n_hidden))
        self.b2 = np.zeros((n_out, 1))

    def forward(self, X):
        self.X = X
        self.Z1 = self.W1.dot(X) + self.b1
        self.A1 = np.maximum(self.Z1, 0)
        self.out = self.W2.dot(self.A1) + self.b2
        return self.out

    def backward(self, Y):
        m = Y.shape[1]
        dout = 2 * (self.out - Y) / m
        self.dW2 = dout.dot(self.A1.T)
        self.db2 = dout.sum(axis=1, keepdims=True)
        dZ1 = self.W2.T.dot(dout) * (self.Z1 > 0)
        self.dW1 = dZ1.dot(self.X.T)
        self.db1 = dZ1.sum(axis=1, keepdims=True)

    def update(self, lr):
        self.W1 -= lr * self.dW1
        self.b1 -= lr * self.db1
        self.W2 -= lr * self.dW2
        self.b2 -= lr * self.db2


rng = np.random.RandomState(4)
X = rng.rand(3, 60)                      # all features scaled to 0..1
Y = (X[0:1] * 2 - X[1:2] + 0.3 * X[2:3] ** 2)

net = Net(3, 8, 1, seed=0)
for i in range(500):
    out = net.forward(X)
    loss = np.mean((out - Y) ** 2)
    net.backward(Y)
    net.update(0.1)
    if i % 100 == 0:
        print("iter", i, "loss", loss)
print("predictions", net.forward(X)[0, :5], "targets", Y[0, :5])
