import numpy as np

# f(x) = a network with one unit in every layer, written out
np.random.seed(11)
w2, w3 = np.random.randn(2)
bias2, bias3 = 0.1, -0.2
eta = 0.3

xs = np.array([-1.5, -0.4, 0.3, 0.9, 1.6, 2.2])
ys = np.array([0.1, 0.2, 0.35, 0.5, 0.8, 0.9])


def sigma(z):
    return 1 / (1 + np.exp(-z))


for n in range(200):
    z2 = w2 * xs + bias2
    a2 = sigma(z2)
    z3 = w3 * a2 + bias3
    f = sigma(z3)
    C = np.sum((ys - f) ** 2)

    d3 = -2 * (ys - f) * f * (1 - f)
    dw3 = np.sum(d3 * a2)
    db3 = np.sum(d3)
    d2 = d3 * w3 * a2 * (1 - a2)
    dw2 = np.sum(d2 * xs)
    db2 = np.sum(d2)

    w3 = w3 + eta * dw3
    bias3 = bias3 + eta * db3
    w2 = w2 + eta * dw2
    bias2 = bias2 + eta * db2

    if n % 40 == 0:
        print("C =", C)

print("f:", f)
