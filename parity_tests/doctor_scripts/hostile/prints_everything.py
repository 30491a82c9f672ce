import sys
import numpy as np

np.set_printoptions(threshold=sys.maxsize)
np.random.seed(33)

X = np.random.randn(40, 12)
Y = (X[:, :3] > 0).astype(float)

w1 = np.random.randn(12, 20) * 0.5
w2 = np.random.randn(20, 3) * 0.5


def sig(x):
    return 1 / (1 + np.exp(-x))


for step in range(250):
    h = sig(X.dot(w1))
    o = sig(h.dot(w2))
    delta_o = o - Y
    delta_h = delta_o.dot(w2.T)
    dw2 = h.T.dot(delta_o)
    dw1 = X.T.dot(delta_h)
    print("step", step, "loss", ((o - Y) ** 2).sum() / 2)
    print("X =", X)
    print("h =", h)
    print("o =", o)
    print("w1 =", w1, "dw1 =", dw1)
    print("w2 =", w2, "dw2 =", dw2, file=sys.stderr)
    w2 = w2 - 0.01 * dw2
    w1 = w1 - 0.01 * dw1
