import numpy as np

rs = np.random.RandomState(77)
n = 64
X = rs.uniform(-2, 2, size=(n, 3))
Y = np.abs(X[:, [0]]) - X[:, [1]] * 0.7 + 0.3 * X[:, [2]] ** 2
Y[::9] += 4.0       # a few outliers

layers = {
    "hidden": {"w": rs.randn(3, 9) * 0.5, "b": np.zeros(9)},
    "out": {"w": rs.randn(9, 1) * 0.3, "b": np.zeros(1)},
}
DELTA = 1.0


def softplus(z):
    return np.logaddexp(0, z)


def softplus_grad(z):
    return 1 / (1 + np.exp(-z))


def predict(x):
    z = x @ layers["hidden"]["w"] + layers["hidden"]["b"]
    h = softplus(z)
    return z, h, h @ layers["out"]["w"] + layers["out"]["b"]


def huber(r):
    small = np.abs(r) <= DELTA
    return np.where(small, 0.5 * r ** 2, DELTA * (np.abs(r) - 0.5 * DELTA)).mean()


def train_step(x, y, lr):
    z, h, out = predict(x)
    r = out - y
    d_out = np.clip(r, -DELTA, DELTA) / len(x)
    d_h = d_out @ layers["out"]["w"].T
    d_z = d_h * softplus_grad(z)
    grads = {
        "hidden": {"w": x.T @ d_z, "b": d_z.sum(axis=0)},
        "out": {"w": h.T @ d_out, "b": d_out.sum(axis=0)},
    }
    for name in layers:
        for key in ("w", "b"):
            layers[name][key] = layers[name][key] - lr * grads[name][key]
    return huber(r)


for step in range(2501):
    loss = train_step(X, Y, 0.1)
    if step % 500 == 0:
        print("step {:4d} huber {:.4f}".format(step, loss))
