import numpy as np

# neural network of the machine learning course, 3 classes, with regularization
np.random.seed(25)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def nn_cost(Theta1, Theta2, X, Y, lam):
    m = X.shape[0]
    a1 = np.hstack((np.ones((m, 1)), X))
    z2 = a1 @ Theta1.T
    a2 = np.hstack((np.ones((m, 1)), sigmoid(z2)))
    h = sigmoid(a2 @ Theta2.T)
    J = -np.sum(Y * np.log(h) + (1 - Y) * np.log(1 - h)) / m
    reg = lam / (2 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))

    d3 = h - Y
    d2 = (d3 @ Theta2[:, 1:]) * sigmoid(z2) * (1 - sigmoid(z2))
    Theta1_grad = d2.T @ a1 / m
    Theta2_grad = d3.T @ a2 / m
    Theta1_grad = Theta1_grad + lam / m * Theta1
    Theta2_grad = Theta2_grad + lam / m * Theta2
    return J, J + reg, Theta1_grad, Theta2_grad


m = 40
X = np.random.randn(m, 2)
lab = np.digitize(X[:, 0] + X[:, 1], [-0.7, 0.7])
Y = np.eye(3)[lab]

eps = 0.8
Theta1 = np.random.rand(5, 3) * 2 * eps - eps
Theta2 = np.random.rand(3, 6) * 2 * eps - eps
lam = 2.0
for it in range(300):
    J, J_reg, g1, g2 = nn_cost(Theta1, Theta2, X, Y, lam)
    Theta1 = Theta1 - 0.8 * g1
    Theta2 = Theta2 - 0.8 * g2
    if it % 60 == 0:
        print("iteration", it, "cost", J, "regularized", J_reg)
