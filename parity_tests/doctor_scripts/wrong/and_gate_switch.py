import numpy as np

def sigmoid(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))

inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
expected = np.array([[0], [0], [0], [1]], dtype=float)

np.random.seed(10)
hidden_weights = np.random.uniform(-1, 1, size=(2, 3))
hidden_bias = np.random.uniform(-1, 1, size=(1, 3))
output_weights = np.random.uniform(-1, 1, size=(3, 1))
output_bias = np.random.uniform(-1, 1, size=(1, 1))

lr = 0.1
for i in range(1000):
    hidden_in = np.dot(inputs, hidden_weights) + hidden_bias
    hidden_out = sigmoid(hidden_in)
    final_in = np.dot(hidden_out, output_weights) + output_bias
    predicted = sigmoid(final_in)

    error = expected - predicted
    loss = 0.5 * (error ** 2).sum()
    d_predicted = error * sigmoid(predicted, deriv=True)

    hidden_error = d_predicted.dot(output_weights.T)
    d_hidden = hidden_error * sigmoid(hidden_in, deriv=True)

    output_weights += hidden_out.T.dot(d_predicted) * lr
    output_bias += np.sum(d_predicted, axis=0, keepdims=True) * lr
    hidden_weights += inputs.T.dot(d_hidden) * lr
    hidden_bias += np.sum(d_hidden, axis=0, keepdims=True) * lr

print("loss", loss)
print("predicted", *predicted)
