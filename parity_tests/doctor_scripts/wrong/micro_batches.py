import numpy as np

rng = np.random.default_rng(95)


def relu(z):
    return np.maximum(z, 0)


def softmax(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


params = {
    "W1": rng.normal(0, 0.7, (8, 3)), "b1": np.full((8, 1), 0.1),
    "W2": rng.normal(0, 0.5, (3, 8)), "b2": np.zeros((3, 1)),
}


def grad_step(x, y):
    n = x.shape[1]
    z1 = params["W1"] @ x + params["b1"]
    a1 = relu(z1)
    p = softmax(params["W2"] @ a1 + params["b2"])
    loss = -np.sum(y * np.log(p)) / n
    dz2 = (p - y) / n
    dz1 = (params["W2"].T @ dz2) * (z1 > 0)
    return loss, p, {
        "W1": dz1 @ x.T, "b1": dz1.sum(axis=1, keepdims=True),
        "W2": dz2 @ a1.T, "b2": dz2.sum(axis=1, keepdims=True),
    }


k = rng.integers(0, 3, 48)
X = np.array([[1, -1, 0], [0, 1, -1], [1, 0, -1.0]])[:, k] + 0.6 * rng.normal(size=(3, 48))
Y = np.eye(3)[:, k]

# the batch does not fit in memory (pretend): 4 micro-batches per update
accumulate = 4
acc = {name: np.zeros_like(p) for name, p in params.items()}
count = 0
for epoch in range(40):
    for s in range(0, 48, 6):
        xb, yb = X[:, s:s + 6], Y[:, s:s + 6]
        loss, p, grads = grad_step(xb, yb)
        for name in acc:
            acc[name] += grads[name]
        count += 1
        if count % accumulate == 0:
            for name in params:
                params[name] = params[name] - 0.05 * acc[name] / accumulate
    if epoch % 8 == 0:
        print("epoch", epoch, "loss of the last micro-batch", loss)
