import numpy as np

rng = np.random.RandomState(55)


def softmax(z):
    ez = np.exp(z - np.max(z, axis=1, keepdims=True))
    return ez / np.sum(ez, axis=1, keepdims=True)


class Classifier:
    def __init__(self, d, h, k):
        self.W1 = rng.randn(d, h) * np.sqrt(2.0 / d)
        self.b1 = np.full((1, h), 0.05)
        self.W2 = rng.randn(h, k) * np.sqrt(2.0 / h)
        self.b2 = np.zeros((1, k))

    def train_on_batch(self, X, Y, lr):
        N = X.shape[0]
        Z1 = X.dot(self.W1) + self.b1
        A1 = np.maximum(Z1, 0)
        P = softmax(A1.dot(self.W2) + self.b2)
        loss = -np.sum(Y * np.log(P)) / N

        dZ2 = (P - Y) / N
        dW2 = A1.T.dot(dZ2)
        db2 = dZ2.sum(axis=0, keepdims=True)
        dZ1 = dZ2.dot(self.W2.T) * (Z1 > 0)
        dW1 = X.T.dot(dZ1) / N
        db1 = dZ1.sum(axis=0, keepdims=True) / N

        self.W1 -= lr * dW1
        self.b1 -= lr * db1
        self.W2 -= lr * dW2
        self.b2 -= lr * db2
        return loss, P


def blobs(n_per_class):
    mu = np.array([[2, 0], [-2, 0], [0, 2], [0, -2]])
    lab = np.repeat(np.arange(4), n_per_class)
    return mu[lab] + rng.randn(4 * n_per_class, 2), np.eye(4)[lab]


X, Y = blobs(12)
clf = Classifier(2, 9, 4)
for epoch in range(200):
    loss, P = clf.train_on_batch(X, Y, 0.5)
    if epoch % 40 == 0:
        print("epoch", epoch, "loss", loss, "acc", np.mean(P.argmax(1) == Y.argmax(1)))
