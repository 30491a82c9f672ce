import numpy as np

np.random.seed(17)

inputs = np.random.rand(30, 4)
targets = np.column_stack([
    (inputs[:, 0] + inputs[:, 1] > 1).astype(float),
    (inputs[:, 2] > inputs[:, 3]).astype(float),
])

input_hidden = np.random.uniform(-1, 1, (4, 7))
hidden_output = np.random.uniform(-1, 1, (7, 2))
hidden = None
output = None
learning_rate = 0.25


def sigmoid(x, deriv=False):
    if deriv == True:
        return x * (1 - x)
    return 1.0 / (1.0 + np.exp(-x))


def forward():
    global hidden, output
    hidden = sigmoid(inputs.dot(input_hidden))
    output = sigmoid(hidden.dot(hidden_output))


def backward():
    global input_hidden, hidden_output
    error = targets - output
    output_delta = error * sigmoid(output, True)
    hidden_error = output_delta.dot(hidden_output.T)
    hidden_delta = hidden_error * sigmoid(hidden, True)
    hidden_output += learning_rate * hidden.T.dot(output_delta)
    input_hidden += learning_rate * inputs.T.dot(hidden_delta)


for i in range(3001):
    forward()
    if i % 500 == 0:
        print(i, "mean squared error:", np.mean((targets - output) ** 2))
    backward()
