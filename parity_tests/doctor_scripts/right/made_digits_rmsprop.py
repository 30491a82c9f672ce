import numpy as np

GLYPHS = """
01110 10001 10001 10001 01110
00100 01100 00100 00100 01110
11110 00001 01110 10000 11111
11110 00001 00110 00001 11110
10010 10010 11111 00010 00010
11111 10000 11110 00001 11110
01110 10000 11110 10001 01110
11111 00001 00010 00100 00100
01110 10001 01110 10001 01110
01110 10001 01111 00001 01110
"""

rng = np.random.default_rng(2024)
clean = np.array([[int(c) for c in row.replace(" ", "")] for row in GLYPHS.split("\n") if row])   # (10, 25)

labels = np.repeat(np.arange(10), 20)
images = clean[labels].T + 0.25 * rng.standard_normal((25, labels.size))       # one image per column
onehot = np.eye(10)[:, labels]


def softmax_cols(s):
    s = s - s.max(0)
    e = np.exp(s)
    return e / e.sum(0)


def net(x, W):
    h = np.tanh(W[0] @ x)
    return h, softmax_cols(W[1] @ h)


W = [rng.standard_normal((15, 25)) / 5, rng.standard_normal((10, 15)) / 4]
cache_W = [np.zeros_like(w) for w in W]
lr, decay, eps = 0.005, 0.9, 1e-8


def gradients(x, t, W):
    k = x.shape[1]
    h, p = net(x, W)
    err = (p - t) / k
    back = (W[1].T @ err) * (1 - h ** 2)
    return [back @ x.T, err @ h.T]


for epoch in range(25):
    order = rng.permutation(labels.size)
    for start in range(0, labels.size, 25):
        pick = order[start:start + 25]
        gW = gradients(images[:, pick], onehot[:, pick], W)
        for i in (0, 1):
            cache_W[i] = decay * cache_W[i] + (1 - decay) * gW[i] ** 2
            W[i] -= lr * gW[i] / (np.sqrt(cache_W[i]) + eps)
    if epoch % 5 == 0:
        p = net(images, W)[1]
        print("epoch", epoch, "nll", -np.mean(np.log(p[labels, np.arange(labels.size)])),
              "correct", np.mean(p.argmax(0) == labels))
