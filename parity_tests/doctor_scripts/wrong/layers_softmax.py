import numpy as np

rng = np.random.RandomState(23)


class Affine:
    def __init__(self, i, o):
        self.W, self.b = rng.randn(i, o) * 0.6, np.zeros((1, o))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.dW, self.db = self.x.T @ g, g.sum(axis=0, keepdims=True)
        return g @ self.W.T


class Relu:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, g):
        return g * self.on


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, g):
        out = np.empty_like(g)
        for i, (p, gi) in enumerate(zip(self.p, g)):
            J = np.diag(p) - np.outer(p, p)
            out[i] = J @ gi
        return out


def cross_entropy(p, y):
    return -np.mean(np.sum(y * np.log(p), axis=1))


def cross_entropy_grad(p, y):
    return (p - y) / len(p)


X = rng.randn(40, 4)
lab = (X[:, 0] > 0).astype(int) + (X[:, 1] + X[:, 2] > 0).astype(int)
Y = np.eye(3)[lab]
affine1, relu, affine2, softmax = Affine(4, 8), Relu(), Affine(8, 3), Softmax()
affine1.b += 0.1
chain = [affine1, relu, affine2, softmax]

for epoch in range(500):
    a = X
    for layer in chain:
        a = layer.forward(a)
    loss = cross_entropy(a, Y)
    g = cross_entropy_grad(a, Y)
    for layer in reversed(chain):
        g = layer.backward(g)
    for layer in (affine1, affine2):
        layer.W -= 0.5 * layer.dW
        layer.b -= 0.5 * layer.db
    if epoch % 100 == 0:
        print(f"{epoch:4d} {loss:.4f}")
