import numpy as np

np.random.seed(6)
m = 32
X = np.random.randn(3, m)
Y = np.vstack([X[0] - X[1], X[1] * X[2]])

parameters = {
    "W1": np.random.randn(6, 3) * 0.7, "b1": np.zeros((6, 1)),
    "W2": np.random.randn(2, 6) * 0.7, "b2": np.zeros((2, 1)),
}

def forward(X, params):
    Z1 = params["W1"] @ X + params["b1"]
    A1 = np.tanh(Z1)
    A2 = params["W2"] @ A1 + params["b2"]
    return A1, A2

def backward(X, Y, A1, A2, params):
    dA2 = (A2 - Y) / m
    dW2 = 1 / m * dA2 @ A1.T
    db2 = 1 / m * np.sum(dA2, axis=1, keepdims=True)
    dZ1 = params["W2"].T @ dA2 * (1 - A1 ** 2)
    dW1 = 1 / m * dZ1 @ X.T
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}

for epoch in range(600):
    A1, A2 = forward(X, parameters)
    loss = 1 / (2 * m) * np.sum((A2 - Y) ** 2)
    grads = backward(X, Y, A1, A2, parameters)
    for key in parameters:
        parameters[key] -= 0.2 * grads["d" + key]
    if epoch % 100 == 0:
        print("Epoch", epoch, "Loss", loss)
