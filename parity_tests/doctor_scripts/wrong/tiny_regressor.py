import numpy as np

rng = np.random.default_rng(0)
X = rng.uniform(0, 1, (32, 3))
y = (2 * X[:, :1] - X[:, 1:2] * X[:, 2:3] + 0.1)

W1 = rng.normal(size=(3, 4))
W2 = rng.normal(size=(4, 1))
lr = 0.05
n = len(X)

for epoch in range(300):
    h = 1 / (1 + np.exp(-(X @ W1)))
    pred = h @ W2
    loss = ((pred - y) ** 2).mean()

    grad_pred = 2 * (pred - y) / n
    grad_h = grad_pred @ W2.T
    grad_z = grad_h * h * (1 - h)

    W2 -= lr * grad_pred.sum(axis=0)
    W1 -= lr * X.T @ grad_z

    if epoch % 60 == 0:
        print(f"{epoch:3d}: {loss:.5f}")

print("first predictions", pred[:3].ravel(), "wanted", y[:3].ravel())
