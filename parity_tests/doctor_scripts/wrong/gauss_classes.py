import numpy as np

np.random.seed(45)


def softmax(Z):
    expZ = np.exp(Z - np.max(Z))
    return expZ / np.sum(expZ, axis=0, keepdims=True)


def init_params():
    return (np.random.randn(4, 8) * 0.5, np.zeros((1, 8)), np.random.randn(8, 3) * 0.5, np.zeros((1, 3)))


def forward(X, params):
    W1, b1, W2, b2 = params
    A1 = np.tanh(X @ W1 + b1)
    A2 = softmax(A1 @ W2 + b2)
    return A1, A2


def backward(X, Y, A1, A2, params):
    W1, b1, W2, b2 = params
    n = X.shape[0]
    dZ2 = (A2 - Y) / n
    dW2 = A1.T @ dZ2
    db2 = np.sum(dZ2, axis=0, keepdims=True)
    dZ1 = dZ2 @ W2.T * (1 - A1 ** 2)
    dW1 = X.T @ dZ1
    db1 = np.sum(dZ1, axis=0, keepdims=True)
    return dW1, db1, dW2, db2


labels = np.random.randint(0, 3, 42)
X = np.random.randn(42, 4) * 0.6
X[np.arange(42), labels] += 1.5
Y = np.eye(3)[labels]

params = init_params()
for epoch in range(300):
    A1, A2 = forward(X, params)
    loss = -np.sum(Y * np.log(A2)) / len(X)
    grads = backward(X, Y, A1, A2, params)
    params = tuple(p - 0.3 * g for p, g in zip(params, grads))
    if epoch % 50 == 0:
        print("Epoch:", epoch, "Loss:", loss, "Acc:", np.mean(A2.argmax(axis=1) == labels))
