import numpy as np

# prices and sizes as they are, so gradients get big: clip them
rng = np.random.RandomState(20)
n = 35
X = np.column_stack([rng.uniform(40, 160, n), rng.randint(1, 6, n)])
y = (X[:, :1] * 0.02 + X[:, 1:] * 0.1 + 0.3 + 0.05 * rng.randn(n, 1))

W1 = rng.randn(2, 5) * 0.02
b1 = np.zeros(5)
W2 = rng.randn(5, 1) * 0.3
b2 = np.zeros(1)

limit = 0.5
lr = 0.001
for epoch in range(300):
    a1 = np.tanh(X @ W1 + b1)
    out = a1 @ W2 + b2
    loss = ((out - y) ** 2).mean()

    d2 = 2 * (out - y) / n
    d1 = d2 @ W2.T * (1 - a1 ** 2)
    grads = [X.T @ d1, d1.sum(axis=0), a1.T @ d2, d2.sum(axis=0)]

    for g in grads:
        np.clip(g, -limit, limit)

    for p, g in zip([W1, b1, W2, b2], grads):
        p -= lr * g
    if epoch % 60 == 0:
        print(epoch, loss, "largest gradient", max(np.abs(g).max() for g in grads))
