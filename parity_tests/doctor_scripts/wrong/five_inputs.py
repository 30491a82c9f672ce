import numpy as np

np.random.seed(2)
X = np.random.randn(5, 40)
Y = (X[0:1] - X[3:4] > 0) * 1.0

W1 = np.random.randn(4, 5) * 0.6
b1 = np.random.randn(4, 1) * 0.3
W2 = np.random.randn(1, 4) * 0.6
b2 = np.random.randn(1, 1) * 0.3
m = X.shape[1]
alpha = 1.2

sigmoid = lambda z: 1 / (1 + np.exp(-z))

for i in range(600):
    Z1 = np.dot(W1, X) + b1
    A1 = sigmoid(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    cost = np.sum((A2 - Y) ** 2) / (2 * m)

    dZ2 = (A2 - Y) * A2 * (1 - A2)
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2.T, dZ2) * A1 * (1 - A1)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m

    W2 = W2 - alpha * dW2
    db2 = b2 - alpha * db2
    W1 = W1 - alpha * dW1
    db1 = b1 - alpha * db1

    if i % 100 == 0:
        print("cost after", i, "iterations:", cost)
