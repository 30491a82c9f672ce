import numpy as np

# made-up house prices: area [m2], rooms, age -> price in 100k, float32 to be quick
rng = np.random.default_rng(19)
n = 50
area = rng.uniform(40, 180, n)
rooms = np.round(area / 30 + rng.normal(0, 0.7, n))
age = rng.uniform(0, 60, n)
price = 0.025 * area + 0.1 * rooms - 0.01 * age + rng.normal(0, 0.1, n)

features = np.column_stack([area / 100, rooms / 5, age / 50]).astype(np.float32)
prices = price.reshape(-1, 1).astype(np.float32)


def relu(z):
    return np.maximum(z, 0)


w0 = (rng.normal(size=(3, 6)) * 0.5).astype(np.float32)
bias0 = np.full(6, 0.1, dtype=np.float32)
w1 = (rng.normal(size=(6, 1)) * 0.5).astype(np.float32)
bias1 = np.zeros(1, dtype=np.float32)
lr = np.float32(0.02)

for epoch in range(500):
    z = features @ w0 + bias0
    h = relu(z)
    guess = h @ w1 + bias1
    residual = guess - prices
    mse = np.mean(residual ** 2)

    d_guess = residual / np.float32(n)
    d_w1 = h.T @ d_guess
    d_bias1 = d_guess.sum(axis=0)
    d_h = d_guess @ w1.T
    d_h[z <= 0] = 0
    d_w0 = features.T @ d_h
    d_bias0 = d_h.sum(axis=0)

    w0 -= lr * d_w0
    bias0 -= lr * d_bias0
    w1 -= lr * d_w1
    bias1 -= lr * d_bias1
    if epoch % 100 == 0:
        print("epoch", epoch, "mse", mse)
