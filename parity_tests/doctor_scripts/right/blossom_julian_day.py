import numpy as np

# day of full blossom (Julian day number) from mean March temperature and altitude
# everything float32, same as on the gpu later
rng = np.random.default_rng(46)
n = 64
temp = rng.normal(8, 2, n)
alt = rng.uniform(20, 600, n)
day = 2460030 + 20 - 3.0 * (temp - 8) + 0.015 * (alt - 300) + rng.normal(0, 0.7, n)

X = np.stack([(temp - temp.mean()) / temp.std(), (alt - alt.mean()) / alt.std()], axis=1).astype(np.float32)
y = day.astype(np.float32)

w = np.zeros(2, dtype=np.float32)
b = np.float32(2460030)            # 26 March, good first guess
lr = np.float32(0.005)

for epoch in range(2000):
    pred = X @ w + b
    err = pred - y
    grad_w = X.T @ err / np.float32(n)
    grad_b = err.mean()
    w = w - lr * grad_w
    b = b - lr * grad_b
    if epoch % 400 == 0:
        print(epoch, "half mse", 0.5 * np.mean(err ** 2), "b", b)

print("mean error in days:", err.mean())
