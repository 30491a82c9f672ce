import numpy as np

# Feed forward net 2-3-3-2, logistic units everywhere.
# So that I can follow the numbers by hand every weight (and every bias) starts at 1.
# The W matrices are "augmented": first row = biases, so the activations get a leading 1.


def sigma(z):
    return 1 / (1 + np.exp(-z))


def sigma_prime(z):
    return sigma(z) * (1 - sigma(z))


def augment(a):
    return np.concatenate((np.ones((a.shape[0], 1)), a), axis=1)


X = np.array([[0.8, 0.4], [0.3, 0.3]])
Y = np.array([[0.2, 0.4], [1.0, 0.0]])

W1 = np.ones((3, 3))
W2 = np.ones((4, 3))
W3 = np.ones((4, 2))

eta = 0.5
np.set_printoptions(precision=8, suppress=True)

for iteration in range(1000):
    # forward
    z1 = augment(X) @ W1
    a1 = sigma(z1)
    z2 = augment(a1) @ W2
    a2 = sigma(z2)
    z3 = augment(a2) @ W3
    a3 = sigma(z3)
    C = np.sum((a3 - Y) ** 2)

    # backward
    dC_da3 = 2 * (a3 - Y)
    delta3 = dC_da3 * sigma_prime(z3)
    delta2 = (delta3 @ W3[1:, :].T) * sigma_prime(z2)
    delta1 = (delta2 @ W2[1:, :].T) * sigma_prime(z1)

    grad3 = augment(a2).T @ delta3
    grad2 = augment(a1).T @ delta2
    grad1 = augment(X).T @ delta1

    if iteration == 0:
        print("z1", z1, "a1", a1, "a2", a2, "a3", a3, sep="\n")
        print("dC/da3", dC_da3, "sigma'(z3)", sigma_prime(z3), "delta3", delta3, "grad3", grad3, sep="\n")

    W3 = W3 - eta * grad3
    W2 = W2 - eta * grad2
    W1 = W1 - eta * grad1

# Both rows come out (almost) the same, nowhere near Y!
# What is wrong? I suspect it is because all the weights are equal.
print("after 1000 iterations, cost", C)
print(a3)
