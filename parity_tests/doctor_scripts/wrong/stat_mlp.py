import numpy as np

np.random.seed(123)


def int_to_onehot(y, num_labels):
    ary = np.zeros((y.shape[0], num_labels))
    for i, val in enumerate(y):
        ary[i, val] = 1
    return ary


class MLP:
    def __init__(self, n_feat, n_hid, n_cls):
        self.w_h = np.random.rand(n_feat, n_hid)
        self.b_h = np.random.rand(1, n_hid)
        self.w_o = np.random.rand(n_hid, n_cls)
        self.b_o = np.random.rand(1, n_cls)

    def forward(self, x):
        z_h = x @ self.w_h + self.b_h
        a_h = 1.0 / (1.0 + np.exp(-z_h))
        z_o = a_h @ self.w_o + self.b_o
        a_o = 1.0 / (1.0 + np.exp(-z_o))
        return a_h, a_o

    def backward(self, x, a_h, a_o, y):
        d_out = 2.0 * (a_o - y) * a_o * (1.0 - a_o)
        d_w_o = a_h.T @ d_out
        d_b_o = np.sum(d_out)
        d_hid = d_out @ self.w_o.T * a_h * (1.0 - a_h)
        d_w_h = x.T @ d_hid
        d_b_h = np.sum(d_hid)
        return d_w_o, d_b_o, d_w_h, d_b_h


y_int = np.random.randint(0, 3, 36)
X = np.random.randn(36, 4)
X[np.arange(36), y_int] += 2
y = int_to_onehot(y_int, 3)

model = MLP(4, 6, 3)
eta = 0.02
for epoch in range(300):
    a_h, a_o = model.forward(X)
    mse = np.mean((a_o - y) ** 2)
    d_w_o, d_b_o, d_w_h, d_b_h = model.backward(X, a_h, a_o, y)
    model.w_h -= eta * d_w_h
    model.b_h -= eta * d_b_h
    model.w_o -= eta * d_w_o
    model.b_o -= eta * d_b_o
    if epoch % 50 == 0:
        print("epoch %d | mse %.4f" % (epoch, mse))
