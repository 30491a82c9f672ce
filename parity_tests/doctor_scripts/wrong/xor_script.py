import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def dsigmoid(a):
    return a * (1 - a)

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0], [1], [1], [0]])

rng = np.random.default_rng(6)
w1 = rng.uniform(-1, 1, (2, 3))
b1 = rng.uniform(-1, 1, (1, 3))
w2 = rng.uniform(-1, 1, (3, 1))
b2 = rng.uniform(-1, 1, (1, 1))

for step in range(4000):
    # forward
    a1 = sigmoid(X @ w1 + b1)
    a2 = sigmoid(a1 @ w2 + b2)

    # backward
    error = Y - a2
    delta2 = error * dsigmoid(a2)
    delta1 = error * dsigmoid(a1)

    w2 += 0.5 * a1.T @ delta2
    b2 += 0.5 * delta2.sum(axis=0, keepdims=True)
    w1 += 0.5 * X.T @ delta1
    b1 += 0.5 * delta1.sum(axis=0, keepdims=True)

    cost = 0.5 * np.sum(error ** 2)
    if step % 1000 == 0:
        print(step, cost)

print(a2)
