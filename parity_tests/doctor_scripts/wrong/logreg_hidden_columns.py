import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def model(X, Y, n_h, rate, steps):
    np.random.seed(4)
    n_x, m = X.shape
    W1 = np.random.randn(n_h, n_x) * 0.4
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn(1, n_h) * 0.4
    b2 = 0.0
    costs = []
    for i in range(steps):
        A1 = np.tanh(np.dot(W1, X) + b1)
        A2 = sigmoid(np.dot(W2, A1) + b2)
        cost = -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))

        dZ2 = A2 - Y
        dW2 = np.dot(dZ2, A1.T)
        db2 = np.sum(dZ2)
        dZ1 = np.dot(W2.T, dZ2) * (1 - A1 ** 2)
        dW1 = np.dot(dZ1, X.T)
        db1 = np.sum(dZ1, axis=1, keepdims=True)

        W1 = W1 - rate * dW1
        b1 = b1 - rate * db1
        W2 = W2 - rate * dW2
        b2 = b2 - rate * db2
        if i % 50 == 0:
            costs.append(cost)
            print("Cost after iteration", i, ":", cost)
    return W1, b1, W2, b2, costs


rng = np.random.RandomState(0)
X = rng.randn(2, 90)
Y = ((X[0] ** 2 + X[1]) > 0.5).astype(float).reshape(1, 90)
model(X, Y, 5, 0.01, 300)
