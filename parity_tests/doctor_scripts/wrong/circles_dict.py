import numpy as np

# circles with a dict of parameters
rng = np.random.default_rng(15)
n = 60
ang = rng.uniform(0, 2 * np.pi, n)
rad = np.where(np.arange(n) % 2 == 0, 0.5, 1.3) + 0.1 * rng.normal(size=n)
X = np.c_[rad * np.cos(ang), rad * np.sin(ang)]
Y = (np.arange(n) % 2).reshape(n, 1)

params = dict(
    W1=rng.normal(size=(2, 8)), b1=rng.normal(size=(1, 8)),
    W2=rng.normal(size=(8, 1)) * 0.5, b2=np.zeros((1, 1)),
)


def forward(X, params):
    h = np.tanh(X @ params["W1"] + params["b1"])
    p = 1 / (1 + np.exp(-(h @ params["W2"] + params["b2"])))
    return h, p


def backward(X, Y, h, p, params):
    dz2 = (p - Y) / len(X)
    dz1 = dz2 @ params["W2"].T * (1 - h * h)
    return dict(W2=h.T @ dz2, b2=dz2.sum(0, keepdims=True), W1=X.T @ dz1, b1=dz1.sum(0, keepdims=True))


for t in range(1000):
    h, p = forward(X, params)
    loss = -np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p))
    grads = backward(X, Y, h, p, params)
    for name, value in params.items():
        if name.startswith("W"):
            params[name] = value - 0.8 * grads[name]
    if t % 200 == 0:
        print(t, "loss", loss, "acc", np.mean((p > 0.5) == Y))
