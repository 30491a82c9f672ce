import numpy as np

rng = np.random.RandomState(44)


class Net:
    def __init__(self, sizes, learning_rate):
        self.learning_rate = learning_rate
        self.layers = []
        for i in range(len(sizes) - 1):
            self.layers.append({"W": rng.randn(sizes[i], sizes[i + 1]) * 0.5, "b": np.zeros((1, sizes[i + 1]))})

    def forward(self, X):
        A = X
        for layer in self.layers:
            layer["in"] = A
            A = np.tanh(A @ layer["W"] + layer["b"])
            layer["out"] = A
        return A

    def backward(self, error):
        for layer in reversed(self.layers):
            delta = error * (1 - layer["out"] ** 2)
            error = delta @ layer["W"].T
            layer["dW"] = layer["in"].T @ delta
            layer["db"] = delta.sum(axis=0, keepdims=True)
        self.update()

    def update(self):
        for layer in self.layers:
            layer["W"] = layer["W"] - self.learning_rate * layer["dW"]
            layer["b"] = layer["b"] - self.learning_rate * layer["db"]


X = rng.uniform(-1, 1, (30, 2))
Y = np.where(X[:, :1] > X[:, 1:] ** 2, 0.9, -0.9)
net = Net([2, 5, 4, 3, 1], 0.02)
for epoch in range(400):
    out = net.forward(X)
    loss = 0.5 * np.sum((out - Y) ** 2)
    net.backward(out - Y)
    net.update()
    if epoch % 100 == 0:
        print("Epoch", epoch, "loss", loss)
