import numpy as np


class Momentum:
    def __init__(self, lr=0.05, beta=0.9):
        self.lr, self.beta = lr, beta

    def step(self, params, grads):
        velocity = {k: np.zeros_like(v) for k, v in params.items()}
        for k in params:
            velocity[k] = self.beta * velocity[k] - self.lr * grads[k]
            params[k] += velocity[k]


rng = np.random.default_rng(29)
params = {
    "w_in": rng.normal(size=(2, 5)), "b_in": rng.normal(size=5),
    "w_out": rng.normal(size=(5, 1)) * 0.4, "b_out": np.zeros(1),
}


def loss_and_grads(x, t):
    hid = np.tanh(x @ params["w_in"] + params["b_in"])
    out = hid @ params["w_out"] + params["b_out"]
    loss = np.mean((out - t) ** 2)
    d_out = 2 * (out - t) / len(t)
    d_hid = d_out @ params["w_out"].T * (1 - hid ** 2)
    grads = {
        "w_out": hid.T @ d_out, "b_out": d_out.sum(0),
        "w_in": x.T @ d_hid, "b_in": d_hid.sum(0),
    }
    return loss, grads, out


x = rng.uniform(-1, 1, (60, 2))
t = (np.sin(3 * x[:, 0]) * x[:, 1]).reshape(-1, 1)
optimizer = Momentum()
for epoch in range(300):
    for start in range(0, 60, 20):
        xb, tb = x[start:start + 20], t[start:start + 20]
        loss, grads, out = loss_and_grads(xb, tb)
        optimizer.step(params, grads)
    if epoch % 50 == 0:
        print("epoch", epoch, "last batch loss", loss)
