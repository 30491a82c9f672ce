import numpy as np

X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float)
Y = np.array([[0], [1], [1], [1]], dtype=float)       # OR


def act(x, deriv=False):
    s = 1 / (1 + np.exp(-x))
    return s * (1 - s) if deriv else s


def train(X, Y, rounds, alpha):
    np.random.seed(6)
    theta1 = np.random.normal(0, 1, (3, 4))
    theta2 = np.random.normal(0, 1, (4, 1))
    history = []
    for _ in range(rounds):
        in1 = X @ theta1
        layer1 = act(in1)
        in2 = layer1 @ theta2
        layer2 = act(in2)
        err = Y - layer2
        history.append(np.mean(err ** 2))
        d2 = err * act(in2, deriv=True)
        d1 = (d2 @ theta2.T) * act(in1, deriv=True)
        theta2 += alpha * layer1.T @ d2
        theta1 += alpha * X.T @ d1
    return theta1, theta2, history


# read somewhere that 0.00001 is a safe learning rate
theta1, theta2, history = train(X, Y, 5000, 0.00001)
print("first", history[0], "last", history[-1])
print(act(act(X @ theta1) @ theta2))
