import numpy as np

# trying to save memory: no temporary arrays in the activation
np.random.seed(3)

N = 60
centers = np.array([[0.0, 2.0], [2.0, -1.0]])
labels = np.random.randint(0, 2, N)
data = centers[labels] + 0.6 * np.random.randn(N, 2)
target = labels.reshape(-1, 1).astype(float)

w_hid = np.random.randn(2, 5)
w_out = np.random.randn(5, 1)
b_hid = np.zeros(5)
b_out = np.zeros(1)


def sigmoid(z):
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1.0
    np.reciprocal(z, out=z)
    return z


def sigmoid_grad(z):
    e = np.exp(-z)
    return e / (1 + e) ** 2


eta = 0.5
for epoch in range(400):
    s1 = data @ w_hid + b_hid
    y1 = sigmoid(s1)
    s2 = y1 @ w_out + b_out
    y2 = sigmoid(s2)
    mse = np.mean((y2 - target) ** 2)

    d2 = 2 * (y2 - target) / N * sigmoid_grad(s2)
    d1 = d2 @ w_out.T * sigmoid_grad(s1)
    g_out = y1.T @ d2
    g_hid = data.T @ d1

    w_out -= eta * g_out
    b_out -= eta * d2.sum(axis=0)
    w_hid -= eta * g_hid
    b_hid -= eta * d1.sum(axis=0)

    if epoch % 100 == 0:
        print("epoch", epoch, "mse", round(float(mse), 5))

print("accuracy:", np.mean((y2 > 0.5) == (target > 0.5)))
