import numpy as np


class MultiLayerPerceptron:
    """theta[l] has shape (units_in + 1, units_out), row 0 is the bias unit"""

    def __init__(self, n_in, n_hidden, n_out, alpha):
        eps = np.sqrt(6) / np.sqrt(n_in + n_hidden)
        self.theta1 = np.random.rand(n_in + 1, n_hidden) * 2 * eps - eps
        self.theta2 = np.random.rand(n_hidden + 1, n_out) * 2 * eps - eps
        self.alpha = alpha

    def sigmoid(self, z):
        return 1 / (1 + np.exp(-z))

    def sigmoid_gradient(self, z):
        return self.sigmoid(z) * (1 - self.sigmoid(z))

    def forward(self, X):
        a1 = np.insert(X, 0, 1, axis=1)
        z2 = a1 @ self.theta1
        a2 = np.insert(self.sigmoid(z2), 0, 1, axis=1)
        z3 = a2 @ self.theta2
        return a1, z2, a2, self.sigmoid(z3)

    def cost(self, h, y):
        return -np.sum(y * np.log(h) + (1 - y) * np.log(1 - h)) / len(y)

    def backprop(self, X, y):
        m = len(X)
        a1, z2, a2, h = self.forward(X)
        d3 = h - y
        d2 = (d3 @ self.theta2[1:].T) * self.sigmoid_gradient(z2)
        theta1_grad = a1.T @ d2 / m
        theta2_grad = a2.T @ d3 / m
        return self.cost(h, y), theta1_grad, theta2_grad

    def fit(self, X, y, iters):
        for i in range(iters):
            J, g1, g2 = self.backprop(X, y)
            self.theta1 -= self.alpha * g1
            self.theta2 -= self.alpha * g2
            if i % 100 == 0:
                print("iteration", i, "J =", J)


np.random.seed(2015)
X = np.random.randn(84, 3)
k = (X @ np.array([[1.0, -1.0], [0.5, 1.0], [-1.0, 0.3]])).argmax(axis=1)
y = np.eye(2)[k]
mlp = MultiLayerPerceptron(3, 5, 2, alpha=1.0)
mlp.fit(X, y, 500)
