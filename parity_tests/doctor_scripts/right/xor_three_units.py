import numpy as np

# XOR with 3 hidden units. keep it simple
np.random.seed(8)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
y = np.array([[0], [1], [1], [0]], dtype=float)

W1 = np.random.randn(2, 3)
b1 = np.random.randn(3)
W2 = np.random.randn(3, 1)
b2 = np.random.randn(1)
lr = 0.05

for epoch in range(5000):
    h = X @ W1 + b1
    out = h @ W2 + b2
    loss = ((out - y) ** 2).mean()

    dout = 2 * (out - y) / len(y)
    dW2 = h.T @ dout
    db2 = dout.sum(axis=0)
    dh = dout @ W2.T
    dW1 = X.T @ dh
    db1 = dh.sum(axis=0)

    for p, g in ((W1, dW1), (b1, db1), (W2, dW2), (b2, db2)):
        p -= lr * g

    if epoch % 1000 == 0:
        print(epoch, loss)

print(out.round(3))     # why always 0.5 ???
