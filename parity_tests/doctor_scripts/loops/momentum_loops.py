import numpy as np

rng = np.random.default_rng(40)
X = rng.uniform(-1, 1, (6, 2))
y = (X[:, 0] * X[:, 1] > 0).astype(float)
w = rng.normal(0, 0.8, (3, 2))
b = np.zeros(3)
u = rng.normal(0, 0.8, 3)
c = [0.0]
vel_w, vel_b, vel_u, vel_c = np.zeros((3, 2)), np.zeros(3), np.zeros(3), [0.0]
alpha, lr = 0.8, 0.1


def sig(t):
    return 1 / (1 + np.exp(-t))


for epoch in range(6):
    loss = 0.0
    for n in range(6):
        h = [0.0] * 3
        for j in range(3):
            t = b[j]
            for i in range(2):
                t = t + w[j, i] * X[n, i]
            h[j] = sig(t)
        t = c[0]
        for j in range(3):
            t = t + u[j] * h[j]
        o = sig(t)
        loss += 0.5 * (y[n] - o) ** 2
        d = (o - y[n]) * o * (1 - o)
        gw, gb, gu = np.zeros((3, 2)), np.zeros(3), np.zeros(3)
        for j in range(3):
            gu[j] = d * h[j]
            gb[j] = d * u[j] * h[j] * (1 - h[j])
            for i in range(2):
                gw[j, i] = gb[j] * X[n, i]
        vel_w = alpha * vel_w - lr * gw
        vel_b = alpha * vel_b - lr * gb
        vel_u = alpha * vel_u - lr * gu
        vel_c[0] = alpha * vel_c[0] - lr * d
        w, b, u = w + vel_w, b + vel_b, u + vel_u
        c[0] = c[0] + vel_c[0]
    if epoch % 5 == 0:
        print(epoch, loss)
