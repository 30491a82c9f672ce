import numpy as np

np.random.seed(57)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def forward(X, weights, biases):
    activations = [X]
    for W, b in zip(weights, biases):
        activations.append(sigmoid(W @ activations[-1] + b))
    return activations


def backward(activations, Y, weights):
    m = Y.shape[1]
    d_weights, d_biases = [], []
    delta = (activations[-1] - Y) / m
    for l in reversed(range(len(weights))):
        d_weights.insert(0, delta @ activations[l].T)
        d_biases.insert(0, delta.sum(axis=1, keepdims=True))
        delta = weights[l].T @ delta * activations[l] * (1 - activations[l])
    return d_weights, d_biases


def update(weights, biases, d_weights, d_biases, lr):
    for W, b, dW, db in zip(weights, biases, d_weights, d_biases):
        W = W - lr * dW
        b = b - lr * db


sizes = [4, 6, 3, 1]
weights = [np.random.randn(j, i) for i, j in zip(sizes, sizes[1:])]
biases = [np.random.randn(j, 1) for j in sizes[1:]]
X = np.random.rand(4, 40)
Y = (X.sum(axis=0, keepdims=True) > 2).astype(float)

for epoch in range(200):
    activations = forward(X, weights, biases)
    p = activations[-1]
    loss = -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))
    d_weights, d_biases = backward(activations, Y, weights)
    update(weights, biases, d_weights, d_biases, 0.5)
    if epoch % 50 == 0:
        print("epoch", epoch, "loss", loss)
