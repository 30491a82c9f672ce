import numpy as np

rng = np.random.default_rng(2)
n = 120
hours = rng.uniform(0, 10, n)
sleep = rng.uniform(4, 9, n)
score = 0.9 * hours + 0.5 * sleep - 7.2 + rng.normal(0, 0.8, n)
y = (score > 0).astype(int)              # pass / fail

X = np.column_stack([hours, sleep])
X = (X - X.mean(0)) / X.std(0)

w = np.zeros(2)
b = 0.0

for epoch in range(300):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    logloss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    dw = X.T @ (p - y) / n
    db = np.mean(p - y)

    w = w - 0.4 * dw
    b = b - 0.4 * db

    if epoch % 60 == 0:
        print(epoch, round(logloss, 4), "accuracy", np.mean((p > 0.5) == y))

print("w =", w, "b =", b)
