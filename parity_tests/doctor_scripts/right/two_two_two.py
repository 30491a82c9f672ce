import numpy as np
sigma = lambda t: 1 / (1 + np.exp(-t))

# one training example, worked through on paper first
i1, i2 = 0.35, 0.9
t1, t2 = 0.1, 0.85

w1, w2, w3, w4 = 0.1, 0.8, 0.4, 0.6      # into h1: w1 w2, into h2: w3 w4
w5, w6, w7, w8 = 0.3, 0.9, -0.2, 0.55    # into o1: w5 w6, into o2: w7 w8
b1, b2, b3, b4 = 0.2, -0.1, 0.05, 0.3
eta = 0.5

for n in range(1500):
    # forward
    out_h1 = sigma(w1 * i1 + w2 * i2 + b1)
    out_h2 = sigma(w3 * i1 + w4 * i2 + b2)
    out_o1 = sigma(w5 * out_h1 + w6 * out_h2 + b3)
    out_o2 = sigma(w7 * out_h1 + w8 * out_h2 + b4)
    E_total = 0.5 * (t1 - out_o1) ** 2 + 0.5 * (t2 - out_o2) ** 2
    if n % 300 == 0:
        print(n, E_total)

    # output deltas
    d_o1 = -(t1 - out_o1) * out_o1 * (1 - out_o1)
    d_o2 = -(t2 - out_o2) * out_o2 * (1 - out_o2)
    # hidden deltas, each hidden unit feeds both outputs
    d_h1 = (d_o1 * w5 + d_o2 * w7) * out_h1 * (1 - out_h1)
    d_h2 = (d_o1 * w6 + d_o2 * w8) * out_h2 * (1 - out_h2)

    w5 -= eta * d_o1 * out_h1
    w6 -= eta * d_o1 * out_h2
    w7 -= eta * d_o2 * out_h1
    w8 -= eta * d_o2 * out_h2
    b3 -= eta * d_o1
    b4 -= eta * d_o2
    w1 -= eta * d_h1 * i1
    w2 -= eta * d_h1 * i2
    w3 -= eta * d_h2 * i1
    w4 -= eta * d_h2 * i2
    b1 -= eta * d_h1
    b2 -= eta * d_h2

print("o1 %.4f (want %.2f)   o2 %.4f (want %.2f)" % (out_o1, t1, out_o2, t2))
