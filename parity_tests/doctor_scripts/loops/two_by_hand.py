import numpy as np

# 2-2-1, every weight has a name
w11, w12, w21, w22 = 0.15, -0.25, 0.4, 0.3
v1, v2 = 0.5, -0.45
c1, c2, d = 0.1, -0.1, 0.05
lr = 0.2
pairs = [((0.1, 0.9), 0.3), ((0.8, 0.2), 0.7), ((0.4, 0.5), 0.2), ((0.95, 0.75), 0.9)]

for sweep in range(9):
    err = 0
    for (x1, x2), y in pairs:
        h1 = np.tanh(w11 * x1 + w12 * x2 + c1)
        h2 = np.tanh(w21 * x1 + w22 * x2 + c2)
        out = v1 * h1 + v2 * h2 + d
        e = out - y
        err += 0.5 * e**2

        g1 = e * v1 * (1 - h1**2)
        g2 = e * v2 * (1 - h2**2)
        v1 = v1 - lr * e * h1
        v2 = v2 - lr * e * h2
        d = d - lr * e
        w11 = w11 - lr * g1 * x1
        w12 = w12 - lr * g1 * x2
        w21 = w21 - lr * g2 * x1
        w22 = w22 - lr * g2 * x2
        c1 = c1 - lr * g1
        c2 = c2 - lr * g2
    if sweep % 20 == 0:
        print(sweep, err)
