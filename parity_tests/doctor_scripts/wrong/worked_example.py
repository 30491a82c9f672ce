import numpy as np

# the worked example with 2 inputs, 2 hidden, 2 outputs
w_hidden = np.array([[0.15, 0.20], [0.25, 0.30]])
w_output = np.array([[0.40, 0.45], [0.50, 0.55]])
b_hidden = np.array([0.35, 0.35])
b_output = np.array([0.60, 0.60])

examples = [
    (np.array([0.05, 0.10]), np.array([0.01, 0.99])),
    (np.array([0.90, 0.20]), np.array([0.80, 0.10])),
    (np.array([0.30, 0.70]), np.array([0.40, 0.60])),
]
eta = 0.5


def logistic(net):
    return 1 / (1 + np.exp(-net))


for epoch in range(2000):
    E = 0.0
    for x, target in examples:
        out_h = logistic(w_hidden @ x + b_hidden)
        out_o = logistic(w_output @ out_h + b_output)
        E += 0.5 * np.sum((target - out_o) ** 2)

        delta_o = (target - out_o) * out_o * (1 - out_o)
        delta_h = (w_output.T @ delta_o) * out_h * (1 - out_h)

        w_output = w_output + eta * np.outer(out_h, delta_o)
        b_output = b_output + eta * delta_o
        w_hidden = w_hidden + eta * np.outer(x, delta_h)
        b_hidden = b_hidden + eta * delta_h
    if epoch % 500 == 0:
        print("epoch", epoch, "E", E)

print("w_hidden", w_hidden, "w_output", w_output, sep="\n")
