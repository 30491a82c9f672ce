import numpy as np

np.random.seed(66)

N = 20
X = np.random.uniform(-1, 1, (2, N))
X1 = np.vstack([X, np.ones((1, N))])
D = ((X ** 2).sum(axis=0, keepdims=True) < 0.6).astype(float)


def phi(v):
    return 1.0 / (1.0 + np.exp(-v))


def dphi(o):
    return o * (1.0 - o)


def train(W1, W2, eta, epochs):
    for ep in range(epochs):
        V1 = W1 @ X1
        O1 = phi(V1)
        H1 = np.vstack([O1, np.ones((1, N))])
        V2 = W2 @ H1
        O2 = phi(V2)
        E = D - O2
        cost = np.sum(E ** 2) / N

        delta2 = 2 * E / N
        delta1 = dphi(V1) * (W2[:, :-1].T @ delta2)

        W2 = W2 + eta * delta2 @ H1.T
        W1 = W1 + eta * delta1 @ X1.T
        if ep % 20 == 0:
            print("epoch", ep, "cost", cost)
    return W1, W2


# the last column of each matrix is the bias
train(np.random.randn(4, 3), np.random.randn(1, 5), 0.01, 60)
