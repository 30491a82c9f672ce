import numpy as np

rng = np.random.RandomState(6)
inputs = np.matrix(rng.uniform(-1, 1, (4, 8)))          # one column per observation
labels = np.matrix((np.asarray(inputs)[0:1] > 0).astype(float))
W1, b1 = np.matrix(rng.normal(0, 0.8, (3, 4))), np.matrix(np.zeros((3, 1)))
W2, b2 = np.matrix(rng.normal(0, 0.8, (1, 3))), np.matrix(np.zeros((1, 1)))


def f(z):
    return 1 / (1 + np.exp(-z))


for k in range(40):
    A1 = f(W1 * inputs + b1)
    A2 = f(W2 * A1 + b2)
    D2 = np.multiply(A2 - labels, np.multiply(A2, 1 - A2))
    D1 = np.multiply(W2.T * D2, np.multiply(A1, 1 - A1))
    cost = 0.5 * np.sum(np.square(A2 - labels))
    W2 = W2 - 0.6 * D2 * A1.T
    b2 = b2 - 0.6 * D2.sum(axis=1)
    W1 = W1 - 0.6 * D1 * inputs.T
    b1 = b1 - 0.6 * D1.sum(axis=1)
    if k % 10 == 0:
        print(k, cost)
