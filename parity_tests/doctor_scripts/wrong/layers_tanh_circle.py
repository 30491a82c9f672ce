import numpy as np

np.random.seed(5)


class Layer:
    pass


class Linear(Layer):
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.7
        self.b = np.random.randn(n_out) * 0.1

    def forward(self, x):
        self.x = x
        return x.dot(self.W) + self.b

    def backward(self, dout):
        self.dW = self.x.T.dot(dout)
        self.db = dout.sum(axis=0)
        return dout.dot(self.W.T)

    def step(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db


class Activation(Layer):
    def __init__(self, f, f_prime):
        self.f, self.f_prime = f, f_prime

    def forward(self, x):
        self.x = x
        return self.f(x)

    def backward(self, dout):
        return dout * self.f_prime(dout)

    def step(self, lr):
        pass


def tanh(x):
    return np.tanh(x)


def tanh_prime(x):
    return 1 - np.tanh(x) ** 2


class Network:
    def __init__(self):
        self.layers = [Linear(2, 6), Activation(tanh, tanh_prime), Linear(6, 1), Activation(tanh, tanh_prime)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def fit(self, X, y, lr, epochs):
        for epoch in range(epochs):
            pred = self.forward(X)
            loss = np.mean((pred - y) ** 2)
            d = 2 * (pred - y) / len(X)
            for layer in self.layers[::-1]:
                d = layer.backward(d)
            for layer in self.layers:
                layer.step(lr)
            if epoch % 100 == 0:
                print("loss:", loss)


# points inside / outside a circle, labels -1 / 1
X = np.random.uniform(-1.5, 1.5, (80, 2))
y = np.where((X ** 2).sum(axis=1, keepdims=True) < 1.0, 1.0, -1.0)
Network().fit(X, y, lr=0.1, epochs=500)
