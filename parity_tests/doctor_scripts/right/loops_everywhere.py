import math
import random
import numpy as np

# no matrix products here, I do not trust them yet
random.seed(31)
X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
T = np.array([-1.0, 1.0, 1.0, -1.0])

n_in, n_hid = 2, 3
w_ih = np.zeros((n_hid, n_in))
for j in range(n_hid):
    for i in range(n_in):
        w_ih[j][i] = random.uniform(-0.7, 0.7)
b_h = np.array([random.uniform(-0.7, 0.7) for _ in range(n_hid)])
w_ho = np.array([random.uniform(-0.7, 0.7) for _ in range(n_hid)])
b_o = [0.1]


def feed(x):
    h = []
    for j in range(n_hid):
        s = b_h[j]
        for i in range(n_in):
            s += w_ih[j][i] * x[i]
        h.append(math.tanh(s))
    s = b_o[0]
    for j in range(n_hid):
        s += w_ho[j] * h[j]
    return h, math.tanh(s)


def learn(x, t, lr):
    h, o = feed(x)
    delta_o = (t - o) * (1 - o * o)
    delta_h = [0.0] * n_hid
    for j in range(n_hid):
        delta_h[j] = delta_o * w_ho[j] * (1 - h[j] * h[j])
    for j in range(n_hid):
        w_ho[j] += lr * delta_o * h[j]
        b_h[j] += lr * delta_h[j]
        for i in range(n_in):
            w_ih[j][i] += lr * delta_h[j] * x[i]
    b_o[0] += lr * delta_o
    return 0.5 * (t - o) ** 2


for epoch in range(1500):
    total = 0.0
    for k in range(len(X)):
        total += learn(X[k], T[k], 0.1)
    if epoch % 300 == 0:
        print("epoch", epoch, "error", total)
for k in range(4):
    print(X[k], feed(X[k])[1])
