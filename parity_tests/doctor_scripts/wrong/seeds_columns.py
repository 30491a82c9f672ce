import numpy as np

# wheat-like data: 4 measurements, 3 kinds, columns are samples
rng = np.random.default_rng(31)
means = np.array([[1.0, 0.2, -0.5, 0.3], [-0.8, 1.1, 0.4, -0.2], [0.1, -0.9, 0.9, 0.8]])
kind = np.repeat([0, 1, 2], 15)
X = (means[kind] + 0.4 * rng.standard_normal((45, 4))).T
T = np.eye(3)[kind].T


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(W, x):
    h = sigmoid(W[0] @ x)
    o = sigmoid(W[1] @ h)
    return h, o


def backward(W, h, o, x, t):
    n = x.shape[1]
    e = 2 * (o - t) / n
    d_o = e * o * (1 - o)
    d_h = e * h * (1 - h)
    dW = [d_h @ x.T, d_o @ h.T]
    return dW


W = [rng.standard_normal((3, 4)) * 0.6, rng.standard_normal((3, 3)) * 0.6]
rate = 0.7

for epoch in range(500):
    h, o = forward(W, X)
    loss = np.sum((o - T) ** 2) / X.shape[1]
    dW = backward(W, h, o, X, T)
    for i in range(2):
        W[i] = W[i] - rate * dW[i]
    if epoch % 100 == 0:
        print("epoch", epoch, "loss", loss)
print("correct:", np.sum(o.argmax(0) == kind), "of 45")
