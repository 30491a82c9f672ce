import numpy as np

np.random.seed(80)

# a few outliers, so the loss is Huber with delta = 1
x = np.random.uniform(-2, 2, (1, 44))
y = x ** 2 - 1 + 0.1 * np.random.randn(1, 44)
y[0, ::9] += 5

wa, ba = np.random.randn(6, 1), np.random.randn(6, 1)
wb, bb = np.random.randn(1, 6) * 0.3, np.zeros((1, 1))


def huber(r, delta=1.0):
    small = np.abs(r) <= delta
    return np.where(small, 0.5 * r ** 2, delta * (np.abs(r) - 0.5 * delta))


def train_step(x, y, lr):
    global wa, ba, wb, bb
    h = np.tanh(wa @ x + ba)
    p = wb @ h + bb
    r = p - y
    loss = huber(r).mean()

    gp = r / r.size
    gwb = gp @ h.T
    gbb = gp.sum(axis=1, keepdims=True)
    gz = wb.T @ gp * (1 - h ** 2)
    gwa = gz @ x.T
    gba = gz.sum(axis=1, keepdims=True)

    wa, ba = wa - lr * gwa, ba - lr * gba
    wb, bb = wb - lr * gwb, bb - lr * gbb
    return loss


for k in range(500):
    loss = train_step(x, y, 0.1)
    if k % 100 == 0:
        print(k, loss)
