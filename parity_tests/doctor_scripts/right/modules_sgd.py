import numpy as np


class Parameter:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class Linear:
    def __init__(self, n_in, n_out, rng):
        bound = np.sqrt(6.0 / (n_in + n_out))
        self.weight = Parameter(rng.uniform(-bound, bound, (n_in, n_out)))
        self.bias = Parameter(np.zeros(n_out))

    def __call__(self, x):
        self.x = x
        return x @ self.weight.value + self.bias.value

    def backward(self, grad):
        self.weight.grad += self.x.T @ grad
        self.bias.grad += grad.sum(axis=0)
        return grad @ self.weight.value.T

    def parameters(self):
        return [self.weight, self.bias]


class ReLU:
    def __call__(self, x):
        self.mask = x > 0
        return np.where(self.mask, x, 0.0)

    def backward(self, grad):
        return grad * self.mask

    def parameters(self):
        return []


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, grad):
        for layer in self.layers[::-1]:
            grad = layer.backward(grad)
        return grad

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


class CrossEntropyLoss:
    def __call__(self, logits, target):
        z = logits - logits.max(axis=1, keepdims=True)
        self.p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        self.target = target
        return -np.log(self.p[np.arange(len(target)), target]).mean()

    def backward(self):
        g = self.p.copy()
        g[np.arange(len(self.target)), self.target] -= 1
        return g / len(self.target)


class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = params, lr

    def zero_grad(self):
        for p in self.params:
            p.grad = np.zeros_like(p.value)

    def step(self):
        for p in self.params:
            p.value -= self.lr * p.grad


rng = np.random.default_rng(8)
angle = rng.uniform(0, 2 * np.pi, 180)
radius = rng.uniform(0.2, 1.0, 180)
X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
y = (angle // (np.pi / 2)).astype(int)

model = Sequential(Linear(2, 14, rng), ReLU(), Linear(14, 9, rng), ReLU(), Linear(9, 4, rng))
criterion = CrossEntropyLoss()
optimizer = SGD(model.parameters(), lr=0.2)

for epoch in range(40):
    perm = rng.permutation(len(X))
    running = 0.0
    for k in range(0, len(X), 30):
        xb, yb = X[perm[k:k + 30]], y[perm[k:k + 30]]
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        model.backward(criterion.backward())
        optimizer.step()
        running += loss * len(xb)
    if epoch % 10 == 9:
        print(f"[{epoch + 1}] loss: {running / len(X):.4f}")
