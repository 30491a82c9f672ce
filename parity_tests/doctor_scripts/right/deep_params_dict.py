import numpy as np


def relu(Z):
    return np.maximum(0, Z), Z


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z)), Z


def relu_backward(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def sigmoid_backward(dA, Z):
    s = 1 / (1 + np.exp(-Z))
    return dA * s * (1 - s)


def init_deep(dims):
    rng = np.random.RandomState(10)
    p = {}
    for l in range(1, len(dims)):
        p["W" + str(l)] = rng.randn(dims[l], dims[l - 1]) * np.sqrt(2.0 / dims[l - 1])
        p["b" + str(l)] = np.zeros((dims[l], 1))
    return p


def linear_activation_forward(A_prev, W, b, activation):
    Z = W.dot(A_prev) + b
    A, activation_cache = relu(Z) if activation == "relu" else sigmoid(Z)
    return A, ((A_prev, W, b), activation_cache)


def model_forward(X, p):
    caches = []
    A = X
    L = len(p) // 2
    for l in range(1, L):
        A, cache = linear_activation_forward(A, p["W" + str(l)], p["b" + str(l)], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, p["W" + str(L)], p["b" + str(L)], "sigmoid")
    caches.append(cache)
    return AL, caches


def linear_activation_backward(dA, cache, activation):
    (A_prev, W, b), Z = cache
    dZ = relu_backward(dA, Z) if activation == "relu" else sigmoid_backward(dA, Z)
    m = A_prev.shape[1]
    return W.T.dot(dZ), dZ.dot(A_prev.T) / m, dZ.sum(axis=1, keepdims=True) / m


def model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    dA, grads["dW" + str(L)], grads["db" + str(L)] = linear_activation_backward(dA, caches[L - 1], "sigmoid")
    for l in range(L - 1, 0, -1):
        dA, grads["dW" + str(l)], grads["db" + str(l)] = linear_activation_backward(dA, caches[l - 1], "relu")
    return grads


def update(p, grads, lr):
    for l in range(1, len(p) // 2 + 1):
        p["W" + str(l)] = p["W" + str(l)] - lr * grads["dW" + str(l)]
        p["b" + str(l)] = p["b" + str(l)] - lr * grads["db" + str(l)]
    return p


data = np.random.RandomState(3)
X = data.randn(5, 100)
Y = ((X[0] * X[1] + X[2] - 0.5 * X[4]) > 0).astype(float).reshape(1, -1)

p = init_deep([5, 9, 6, 1])
for i in range(601):
    AL, caches = model_forward(X, p)
    cost = -np.mean(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    grads = model_backward(AL, Y, caches)
    p = update(p, grads, 0.3)
    if i % 150 == 0:
        print("iteration", i, "cost", np.squeeze(cost))
