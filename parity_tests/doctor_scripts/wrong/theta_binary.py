import numpy as np


def g(z):
    return 1 / (1 + np.exp(-z))


def predict(X, Theta1, Theta2):
    a2 = g(X @ Theta1)
    a3 = g(a2 @ Theta2)
    return a2, a3


def gradients(X, y, Theta1, Theta2):
    m = len(y)
    a2, a3 = predict(X, Theta1, Theta2)
    J = ((a3 - y) ** 2).sum() / (2 * m)
    delta3 = (a3 - y) / m * a3
    delta2 = delta3 @ Theta2.T * (a2 * (1 - a2))
    grad = (X.T @ delta2, a2.T @ delta3)
    return J, grad


rng = np.random.default_rng(4)
X = rng.normal(size=(30, 4))
y = (X[:, [0]] + 0.5 * X[:, [2]] > 0.2).astype(float)

Theta1 = rng.normal(size=(4, 6)) * 0.4
Theta2 = rng.normal(size=(6, 1)) * 0.4
alpha = 0.8

history = []
for it in range(800):
    J, (T1_grad, T2_grad) = gradients(X, y, Theta1, Theta2)
    Theta1 = Theta1 - alpha * T1_grad
    Theta2 = Theta2 - alpha * T2_grad
    history.append(J)

_, out = predict(X, Theta1, Theta2)
print("J went from", history[0], "to", history[-1])
print("classes predicted:", np.unique(out > 0.5))
