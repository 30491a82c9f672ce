import numpy as np

np.random.seed(7)
# three "species", four measurements, every flower is a COLUMN
per = 40
means = np.array([[5.0, 3.4, 1.5, 0.3], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]])
X = np.hstack([means[k][:, None] + 0.35 * np.random.randn(4, per) for k in range(3)])
X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
Y = np.zeros((3, 3 * per))
for k in range(3):
    Y[k, k * per:(k + 1) * per] = 1
m = X.shape[1]

W1 = np.random.randn(6, 4) * 0.4
b1 = np.zeros((6, 1))
W2 = np.random.randn(3, 6) * 0.4
b2 = np.zeros((3, 1))
alpha = 0.5

for i in range(400):
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    e = np.exp(Z2 - Z2.max(axis=0))
    A2 = e / e.sum(axis=0)

    J = -np.sum(Y * np.log(A2)) / m

    dZ2 = A2 - Y
    dW2 = dZ2 @ A1.T / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = (W2.T @ dZ2) * (1 - A1 ** 2)
    dW1 = dZ1 @ X.T / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m

    W1 -= alpha * dW1
    b1 -= alpha * db1
    W2 -= alpha * dW2
    b2 -= alpha * db2

    if i % 100 == 0:
        acc = np.mean(A2.argmax(axis=0) == Y.argmax(axis=0))
        print(f"iter {i:4d}  J {J:.4f}  acc {acc:.3f}")
