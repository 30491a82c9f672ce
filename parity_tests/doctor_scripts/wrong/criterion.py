import numpy as np


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class SoftmaxCrossEntropy:
    """takes scores and integer labels"""

    def __call__(self, scores, labels):
        self.p = softmax(scores)
        self.labels = labels
        return -np.mean(np.log(self.p[np.arange(len(labels)), labels]))

    def grad(self):
        g = self.p.copy()
        g[np.arange(len(self.labels)), self.labels] -= 1
        return g / len(self.labels)


class Model:
    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.w1, self.b1 = rng.normal(size=(3, 7)) * 0.7, np.zeros(7)
        self.w2, self.b2 = rng.normal(size=(7, 4)) * 0.7, np.zeros(4)

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.w1 + self.b1)
        return softmax(self.h @ self.w2 + self.b2)

    def backward(self, g, lr):
        gh = g @ self.w2.T * (1 - self.h ** 2)
        self.w2 -= lr * self.h.T @ g
        self.b2 -= lr * g.sum(axis=0)
        self.w1 -= lr * self.x.T @ gh
        self.b1 -= lr * gh.sum(axis=0)


rng = np.random.default_rng(70)
X = rng.normal(size=(56, 3))
labels = (X[:, 0] > 0) * 2 + (X[:, 1] > X[:, 2])

model, criterion = Model(1), SoftmaxCrossEntropy()
for epoch in range(400):
    out = model.forward(X)
    loss = criterion(out, labels)
    model.backward(criterion.grad(), lr=0.6)
    if epoch % 100 == 0:
        print(epoch, "loss", loss, "acc", (out.argmax(1) == labels).mean())
