import numpy as np

# np.matrix so that * is the matrix product
np.random.seed(34)
X = np.matrix(np.random.randn(20, 4))
Y = np.matrix(np.array(X)[:, :2] * np.array(X)[:, 2:])

Wa = np.matrix(np.random.randn(4, 5)) * 0.5
Wb = np.matrix(np.random.randn(5, 5)) * 0.5
Wc = np.matrix(np.random.randn(5, 2)) * 0.5


def tanh_slope(a):
    return 1 - np.multiply(a, a)


rate = 0.1
for k in range(300):
    H1 = np.tanh(X * Wa)
    H2 = np.tanh(H1 * Wb)
    out = H2 * Wc
    mse = np.power(out - Y, 2).mean()

    d_out = (out - Y) / Y.size
    d2 = np.multiply(d_out * Wc.T, tanh_slope(H2))
    back = d2 * Wb
    d1 = np.multiply(back, tanh_slope(H1))

    Wc = Wc - rate * (H2.T * d_out)
    Wb = Wb - rate * (H1.T * d2)
    Wa = Wa - rate * (X.T * d1)
    if k % 60 == 0:
        print("k =", k, "mse =", mse)
