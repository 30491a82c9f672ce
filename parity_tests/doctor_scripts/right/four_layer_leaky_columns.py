import numpy as np
np.random.seed(99)

# y depends on 5 inputs in a silly way, samples are columns
m = 90
X = np.random.uniform(-1, 1, (5, m))
Y = np.sin(2 * X[0:1]) + X[1:2] * X[2:3] - 0.5 * X[3:4]

slope = 0.1
def lrelu(z):
    return np.where(z > 0, z, slope * z)
def lrelu_prime(z):
    return np.where(z > 0, 1.0, slope)

W1 = np.random.randn(10, 5) / np.sqrt(5);  b1 = np.zeros((10, 1))
W2 = np.random.randn(8, 10) / np.sqrt(10); b2 = np.zeros((8, 1))
W3 = np.random.randn(6, 8) / np.sqrt(8);   b3 = np.zeros((6, 1))
W4 = np.random.randn(1, 6) / np.sqrt(6);   b4 = np.zeros((1, 1))

lr = 0.1
for it in range(1200):
    Z1 = W1 @ X + b1;   A1 = lrelu(Z1)
    Z2 = W2 @ A1 + b2;  A2 = lrelu(Z2)
    Z3 = W3 @ A2 + b3;  A3 = lrelu(Z3)
    Yhat = W4 @ A3 + b4

    dZ4 = (Yhat - Y) / m
    dZ3 = (W4.T @ dZ4) * lrelu_prime(Z3)
    dZ2 = (W3.T @ dZ3) * lrelu_prime(Z2)
    dZ1 = (W2.T @ dZ2) * lrelu_prime(Z1)

    W4 -= lr * dZ4 @ A3.T;  b4 -= lr * dZ4.sum(1, keepdims=True)
    W3 -= lr * dZ3 @ A2.T;  b3 -= lr * dZ3.sum(1, keepdims=True)
    W2 -= lr * dZ2 @ A1.T;  b2 -= lr * dZ2.sum(1, keepdims=True)
    W1 -= lr * dZ1 @ X.T;   b1 -= lr * dZ1.sum(1, keepdims=True)

    if it % 200 == 0:
        print(it, "cost", np.sum((Yhat - Y) ** 2) / (2 * m))
