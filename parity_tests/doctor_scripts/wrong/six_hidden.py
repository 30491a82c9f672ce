import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Model:
    def __init__(self, layer_sizes, rng):
        self.W1 = rng.normal(0, 0.5, size=(layer_sizes[0], layer_sizes[1]))
        self.b1 = rng.normal(0, 0.5, size=(1, layer_sizes[1]))
        self.W2 = rng.normal(0, 0.5, size=(layer_sizes[1], layer_sizes[2]))
        self.b2 = rng.normal(0, 0.5, size=(1, layer_sizes[2]))

    def forward(self, X):
        self.a1 = sigmoid(X @ self.W1 + self.b1)
        self.a2 = sigmoid(self.a1 @ self.W2 + self.b2)
        return self.a2

    def compute_gradients(self, X, y):
        error_out = (self.a2 - y) * self.a2 * (1 - self.a2)
        error_hidden = (error_out @ self.W2.T) * self.a1 * (1 - self.a1)
        return {
            "W2": self.a1.T @ error_out,
            "b2": np.mean(error_out, axis=0, keepdims=True),
            "W1": X.T @ error_hidden,
            "b1": np.mean(error_hidden, axis=0, keepdims=True),
        }


def sse(a, y):
    return 0.5 * np.sum((a - y) ** 2)


rng = np.random.default_rng(77)
X = rng.normal(size=(24, 3))
y = np.stack([X[:, 0] > 0, X[:, 1] * X[:, 2] > 0], axis=1).astype(float)
model = Model((3, 6, 2), rng)

for epoch in range(500):
    pred = model.forward(X)
    loss = sse(pred, y)
    grads = model.compute_gradients(X, y)
    for name, g in grads.items():
        setattr(model, name, getattr(model, name) - 0.1 * g)
    if (epoch + 1) % 100 == 0:
        print(f"Epoch {epoch + 1}/500, loss={loss:.4f}")
