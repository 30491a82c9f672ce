import numpy as np

np.random.seed(28)


def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A, Z


def relu(Z):
    return np.maximum(0, Z), Z


def sigmoid_backward(dA, Z):
    s = 1 / (1 + np.exp(-Z))
    return dA * s * (1 - s)


def relu_backward(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def linear_backward(dZ, A_prev, W):
    m = A_prev.shape[1]
    dW = 1.0 / m * np.dot(dZ, A_prev.T)
    db = 1.0 / m * np.sum(dZ, axis=1, keepdims=True)
    return np.dot(W.T, dZ), dW, db


def L_model_forward(X, parameters):
    A1, Z1 = relu(np.dot(parameters["W1"], X) + parameters["b1"])
    A2, Z2 = relu(np.dot(parameters["W2"], A1) + parameters["b2"])
    AL, Z3 = sigmoid(np.dot(parameters["W3"], A2) + parameters["b3"])
    return AL, (X, Z1, A1, Z2, A2, Z3)


def L_model_backward(AL, Y, caches, parameters):
    X, Z1, A1, Z2, A2, Z3 = caches
    grads = {}
    dAL = AL - Y
    dZ3 = sigmoid_backward(dAL, Z3)
    dA2, grads["dW3"], grads["db3"] = linear_backward(dZ3, A2, parameters["W3"])
    dA1, grads["dW2"], grads["db2"] = linear_backward(relu_backward(dA2, Z2), A1, parameters["W2"])
    _, grads["dW1"], grads["db1"] = linear_backward(relu_backward(dA1, Z1), X, parameters["W1"])
    return grads


dims = [3, 6, 4, 1]
parameters = {}
for l in range(1, 4):
    parameters["W" + str(l)] = np.random.randn(dims[l], dims[l - 1]) * np.sqrt(2 / dims[l - 1])
    parameters["b" + str(l)] = np.full((dims[l], 1), 0.05)

X = np.random.randn(3, 64)
Y = (X[0:1] * X[1:2] + X[2:3] > 0).astype(float)
for i in range(1001):
    AL, caches = L_model_forward(X, parameters)
    cost = -np.mean(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    grads = L_model_backward(AL, Y, caches, parameters)
    for k in parameters:
        parameters[k] = parameters[k] - 0.3 * grads["d" + k]
    if i % 200 == 0:
        print("Cost after iteration {}: {}".format(i, cost))
