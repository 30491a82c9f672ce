import numpy as np

np.random.seed(18)

# predict probabilities, measured with the Brier score
x = np.random.randn(45, 3)
cls = np.argmax(x @ np.random.randn(3, 4), axis=1)
d = np.zeros((45, 4))
d[np.arange(45), cls] = 1

# bias = weight of an extra input that is always 1
w_xh = np.random.randn(4, 6) * 0.5
w_hy = np.random.randn(7, 4) * 0.5


def add_one(a):
    return np.c_[a, np.ones(len(a))]


def step(x, d, rate):
    global w_xh, w_hy
    h = 1 / (1 + np.exp(-add_one(x).dot(w_xh)))
    s = np.exp(add_one(h).dot(w_hy))
    p = s / s.sum(axis=1, keepdims=True)
    brier = np.mean(np.sum((p - d) ** 2, axis=1))

    g = 2 * (p - d) / len(x)
    grad_why = add_one(h).T.dot(g)
    g_h = g.dot(w_hy[:-1].T) * h * (1 - h)
    grad_wxh = add_one(x).T.dot(g_h)

    w_hy = w_hy - rate * grad_why
    w_xh = w_xh - rate * grad_wxh
    return brier, p


for t in range(300):
    score, p = step(x, d, 0.4)
    if t % 60 == 0:
        print("brier score", round(score, 4), "right", (p.argmax(1) == cls).sum())
