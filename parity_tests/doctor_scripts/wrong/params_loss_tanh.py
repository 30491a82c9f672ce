import numpy as np


class TwoLayerNet:

    def __init__(self, seed=9):
        np.random.seed(seed)
        self.params = {}
        self.params["W1"] = np.random.randn(4, 3) * 0.8
        self.params["W2"] = np.random.randn(3, 3) * 0.8

    def loss(self, X, y):
        p = self.params
        a1 = np.tanh(X.dot(p["W1"]))
        a2 = np.tanh(a1.dot(p["W2"]))
        loss = np.mean((a2 - y) ** 2)

        grads = {}
        d2 = 2.0 * (a2 - y) / y.size * (1 - a2 ** 2)
        grads["W2"] = a2.T.dot(d2)
        d1 = d2.dot(p["W2"].T) * (1 - a1 ** 2)
        grads["W1"] = X.T.dot(d1)
        return loss, grads, a2


X = np.random.RandomState(1).randn(36, 4)
true = np.array([[0.5, -1, 0.2], [1, 0.3, -0.4], [-0.2, 0.6, 1], [0.1, 0.1, -0.9]])
y = np.tanh(X @ true)

net = TwoLayerNet()
for it in range(401):
    loss, grads, out = net.loss(X, y)
    for name in net.params:
        net.params[name] -= 0.3 * grads[name]
    if it % 100 == 0:
        print("it %d  loss %.4f" % (it, loss))
