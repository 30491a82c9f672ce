import numpy as np

np.random.seed(64)

sizes = [4, 4, 4, 4]
W = [np.random.randn(sizes[i + 1], sizes[i]) * 0.8 for i in range(3)]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(x):
    a = [x]
    for i in range(3):
        a.append(sigmoid(np.dot(W[i], a[-1])))
    return a


def backward(a, y):
    grads = []
    error = y - a[-1]
    for i in [2, 1, 0]:
        delta = error * a[i + 1] * (1 - a[i + 1])
        grads.append(np.dot(delta, a[i].T))
        error = np.dot(W[i], delta)
    return grads[::-1]


# rotate the pattern by one position
X = (np.random.rand(4, 24) > 0.5).astype(float)
Y = np.roll(X, 1, axis=0)

for epoch in range(1000):
    a = forward(X)
    loss = 0.5 * np.sum((a[-1] - Y) ** 2)
    for i, dW in enumerate(backward(a, Y)):
        W[i] += 0.1 * dW
    if epoch % 200 == 0:
        print("loss", loss)
