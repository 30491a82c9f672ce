import numpy as np

np.random.seed(73)


def init(n_in, n_hid, n_cls):
    W1 = np.random.rand(n_hid, n_in) - 0.5
    b1 = np.random.rand(n_hid, 1) - 0.5
    W2 = np.random.rand(n_cls, n_hid) - 0.5
    b2 = np.random.rand(n_cls, 1) - 0.5
    return W1, b1, W2, b2


def ReLU(Z):
    return np.maximum(Z, 0)


def softmax(Z):
    return np.exp(Z) / np.sum(np.exp(Z))


def forward_prop(W1, b1, W2, b2, X):
    Z1 = W1.dot(X) + b1
    A1 = ReLU(Z1)
    Z2 = W2.dot(A1) + b2
    A2 = softmax(Z2)
    return Z1, A1, Z2, A2


def backward_prop(Z1, A1, A2, W2, X, one_hot_Y):
    m = X.shape[1]
    dZ2 = A2 - one_hot_Y
    dW2 = 1 / m * dZ2.dot(A1.T)
    db2 = 1 / m * np.sum(dZ2)
    dZ1 = W2.T.dot(dZ2) * (Z1 > 0)
    dW1 = 1 / m * dZ1.dot(X.T)
    db1 = 1 / m * np.sum(dZ1)
    return dW1, db1, dW2, db2


Y = np.random.randint(0, 5, 50)
X = np.random.rand(6, 50) * 0.3
X[Y, np.arange(50)] += 0.7
one_hot_Y = np.eye(5)[Y].T

W1, b1, W2, b2 = init(6, 8, 5)
alpha = 0.1
for i in range(60):
    Z1, A1, Z2, A2 = forward_prop(W1, b1, W2, b2, X)
    dW1, db1, dW2, db2 = backward_prop(Z1, A1, A2, W2, X, one_hot_Y)
    loss = -np.mean(np.log(A2[Y, np.arange(50)]))
    W1 = W1 - alpha * dW1
    b1 = b1 - alpha * db1
    W2 = W2 - alpha * dW2
    b2 = b2 - alpha * db2
    if i % 10 == 0:
        print("Iteration:", i, "loss", loss, "Accuracy:", np.mean(np.argmax(A2, 0) == Y))
