import numpy as np

rng = np.random.default_rng(8)
samples = rng.normal(size=(40, 3))
labels = np.column_stack([samples[:, 0] * samples[:, 1] > 0, samples[:, 2] > 0.3]).astype(float)


def ones_first(a):
    return np.hstack([np.ones((a.shape[0], 1)), a])


def squash(z):
    return 1 / (1 + np.exp(-z))


w_1, b_1 = rng.normal(size=(3, 5)), rng.normal(size=5)
w_2, b_2 = rng.normal(size=(5, 2)), rng.normal(size=2)
rate = 0.5

for epoch in range(400):
    theta1 = np.vstack([b_1, w_1])
    theta2 = np.vstack([b_2, w_2])
    a0 = ones_first(samples)
    a1 = ones_first(squash(a0 @ theta1))
    a2 = squash(a1 @ theta2)
    J = np.sum((a2 - labels) ** 2) / len(samples)

    d2 = 2 * (a2 - labels) / len(samples) * a2 * (1 - a2)
    d1 = (d2 @ theta2.T * a1 * (1 - a1))[:, 1:]
    g2 = a1.T @ d2
    g1 = a0.T @ d1

    w_2, b_2 = w_2 - rate * g2[:-1], b_2 - rate * g2[-1]
    w_1, b_1 = w_1 - rate * g1[:-1], b_1 - rate * g1[-1]

    if epoch % 100 == 0:
        print("J =", J)

print("accuracy", ((a2 > 0.5) == labels).mean())
