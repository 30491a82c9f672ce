import numpy as np

np.random.seed(99)
W1 = np.random.uniform(-0.5, 0.5, (7, 3))
b1 = np.zeros((7, 1))
W2 = np.random.uniform(-0.5, 0.5, (1, 7))
b2 = np.zeros((1, 1))

X = np.random.uniform(-1, 1, (3, 50))
Y = np.maximum(X[0:1], X[1:2]) - X[2:3]


def leaky(z):
    return np.where(z > 0, z, 0.1 * z)


def leaky_deriv(z):
    return np.where(z > 0, 1.0, 0.1)


def forward_prop(X):
    Z1 = W1.dot(X) + b1
    A1 = leaky(Z1)
    Z2 = W2.dot(A1) + b2
    return Z1, A1, Z2


def back_prop(Z1, A1, A2):
    m = X.shape[1]
    dZ2 = 2 * (A2 - Y)
    dW2 = 1 / m * dZ2.dot(A1.T)
    db2 = 1 / m * np.sum(dZ2)
    dZ1 = W2.T.dot(dZ2) * leaky_deriv(Z1)
    dW1 = 1 / m * dZ1.dot(X.T)
    db1 = 1 / m * np.sum(dZ1)
    return dW1, db1, dW2, db2


def gradient_descent(alpha, iterations):
    global W1, b1, W2, b2
    for i in range(iterations):
        Z1, A1, A2 = forward_prop(X)
        mse = np.mean((A2 - Y) ** 2)
        dW1, db1, dW2, db2 = back_prop(Z1, A1, A2)
        W1 = W1 - alpha * dW1
        b1 = b1 - alpha * db1
        W2 = W2 - alpha * dW2
        b2 = b2 - alpha * db2
        if i % 100 == 0:
            print("Iteration:", i, "MSE:", mse)


gradient_descent(0.05, 500)
print("hidden biases:", b1.ravel())
