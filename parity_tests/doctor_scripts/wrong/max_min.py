import numpy as np

rng = np.random.default_rng(10)

inputs = rng.uniform(0, 1, (16, 3))
targets = np.stack([inputs.max(axis=1), inputs.min(axis=1)], axis=1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


input_hidden = rng.normal(0, 1, (4, 3))
hidden_output = rng.normal(0, 1, (2, 4))
lr = 0.4


def learn(x, t):
    global input_hidden, hidden_output
    x = np.array(x, ndmin=2).T
    t = np.array(t, ndmin=2).T
    hidden = sigmoid(np.dot(input_hidden, x))
    output = sigmoid(np.dot(hidden_output, hidden))

    output_error = t - output
    output_step = output_error * output
    hidden_output += lr * np.dot(output_step, hidden.T)
    hidden_error = np.dot(hidden_output.T, output_step)
    input_hidden += lr * np.dot(hidden_error * hidden * (1 - hidden), x.T)
    return 0.5 * float((output_error ** 2).sum())


for epoch in range(200):
    mean_error = np.mean([learn(x, t) for x, t in zip(inputs, targets)])
    if epoch % 40 == 0:
        print("epoch", epoch, "mean error", mean_error)
