import numpy as np

np.random.seed(0)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])

W1 = np.random.randn(2, 3)
b1 = np.zeros((1, 3))
W2 = np.random.randn(3, 1)
b2 = np.zeros((1, 1))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


epoch = 0
cost = 1
while cost > 1e-30:          # until it is perfect
    a1 = sigmoid(X @ W1 + b1)
    a2 = sigmoid(a1 @ W2 + b2)
    cost = np.sum((a2 - y) ** 2)

    dz2 = 2 * (a2 - y) * a2 * (1 - a2)
    dz1 = dz2 @ W2.T * a1 * (1 - a1)
    W2 -= 0.5 * a1.T @ dz2
    b2 -= 0.5 * dz2.sum(axis=0, keepdims=True)
    W1 -= 0.5 * X.T @ dz1
    b1 -= 0.5 * dz1.sum(axis=0, keepdims=True)

    epoch += 1
    if epoch % 20000 == 0:
        print(epoch, cost)

print("done!")
