import numpy as np

rng = np.random.default_rng(52)
X = rng.normal(size=(3, 28))
Y = (np.abs(X).sum(axis=0, keepdims=True) > 2.2).astype(float)

W1 = rng.normal(size=(6, 3))
W2 = rng.normal(size=(1, 6))
eta = 0.9
n = X.shape[1]

for t in range(500):
    A1 = 1 / (1 + np.exp(-(W1 @ X)))
    A2 = 1 / (1 + np.exp(-(W2 @ A1)))
    C = np.sum((A2 - Y) ** 2) / n

    # keep the old weights, they are needed for the hidden layer
    W2_old = W2
    D2 = 2 * (Y - A2) / n * A2 * (1 - A2)
    W2 += eta * D2 @ A1.T

    D1 = W2_old.T @ D2 * A1 * (1 - A1)
    W1 += eta * D1 @ X.T

    if t % 100 == 0:
        print(t, C)
