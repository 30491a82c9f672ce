import numpy as np

np.random.seed(76)
learning_rate = 0.1

X = np.random.randn(45, 3)
y = (np.abs(X[:, :1]) < 0.7).astype(float)

params = {
    "weights1": np.random.randn(3, 5), "bias1": np.zeros((1, 5)),
    "weights2": np.random.randn(5, 1), "bias2": np.zeros((1, 1)),
}
velocity = {k: np.zeros_like(v) for k, v in params.items()}


def forward(x):
    layer1 = np.tanh(x @ params["weights1"] + params["bias1"])
    output = 1 / (1 + np.exp(-(layer1 @ params["weights2"] + params["bias2"])))
    return layer1, output


def backprop(x, y, layer1, output):
    d_output = (output - y) / len(x)
    d_layer1 = d_output @ params["weights2"].T * (1 - layer1 ** 2)
    return {
        "weights1": x.T @ d_layer1, "bias1": d_layer1.sum(axis=0, keepdims=True),
        "weights2": layer1.T @ d_output, "bias2": d_output.sum(axis=0, keepdims=True),
    }


for epoch in range(500):
    layer1, output = forward(X)
    loss = -(y * np.log(output) + (1 - y) * np.log(1 - output)).mean()
    gradients = backprop(X, y, layer1, output)
    for k in params:
        velocity[k] = 0.9 * velocity[k] + learning_rate * gradients[k]
        params[k] = params[k] - learning_rate * velocity[k]
    if epoch % 100 == 0:
        print("epoch", epoch, "loss", loss)
