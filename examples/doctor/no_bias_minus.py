import numpy as np

np.random.seed(1)

x = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])

weight1 = np.random.random((3, 4))
weight2 = np.random.random((4, 1))
rate = 1


def activation(z):
    return 1 / (1 + np.exp(-z))


for _ in range(1000):
    a1 = activation(np.dot(x, weight1))
    a2 = activation(np.dot(a1, weight2))

    delta2 = y - a2
    dC_dw2 = delta2 * (a2 * (1 - a2))
    dC_dw1 = (dC_dw2 * weight2.T) * (a1 * (1 - a1))

    # Gradient descent as in the textbook, with the transpose so that the shapes fit. Does not work!
    weight2 -= rate * a1.T @ dC_dw2
    weight1 -= rate * x.T @ dC_dw1

print(a2)
