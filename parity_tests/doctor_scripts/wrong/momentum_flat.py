import numpy as np

np.random.seed(50)


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


X = np.random.randn(40, 3)
y = (X[:, :1] ** 2 + X[:, 1:2] > 0.8).astype(float)

W1, b1 = np.random.randn(3, 6) * 0.6, np.zeros((1, 6))
W2, b2 = np.random.randn(6, 1) * 0.6, np.zeros((1, 1))
vW1, vb1 = np.zeros_like(W1), np.zeros_like(b1)
vW2, vb2 = np.zeros_like(W2), np.zeros_like(b2)
mu = 0.9
lr = 0.1

for epoch in range(400):
    h = sigmoid(X @ W1 + b1)
    out = sigmoid(h @ W2 + b2)
    loss = ((out - y) ** 2).mean()

    d2 = 2 * (out - y) / len(y) * out * (1 - out)
    d1 = d2 @ W2.T * h * (1 - h)
    dW2, db2 = h.T @ d2, d2.sum(axis=0, keepdims=True)
    dW1, db1 = X.T @ d1, d1.sum(axis=0, keepdims=True)

    W1 -= lr * vW1
    b1 -= lr * vb1
    W2 -= lr * vW2
    b2 -= lr * vb2

    vW1 = mu * vW1 + dW1
    vb1 = mu * vb1 + db1
    vW2 = mu * vW2 + dW2
    vb2 = mu * vb2 + db2

    if epoch % 80 == 0:
        print(epoch, loss)
