# predict price (in 1000s) from area, rooms, year built
# the bias trick: first column of ones
import numpy as np

np.random.seed(0)
m = 80
area = np.random.uniform(45, 240, m)
rooms = np.round(area / 32 + np.random.normal(0, 0.6, m)).clip(1)
year = np.random.randint(1950, 2020, m)
price = 40 + 1.9 * area + 11 * rooms + 0.9 * (year - 1950) + np.random.normal(0, 8, m)

features = np.c_[area, rooms, year]
X = np.c_[np.ones(m), features]
y = price.reshape(m, 1)

theta = np.zeros((4, 1))
alpha = 1e-7   # anything bigger gives nan ...

for it in range(2000):
    h = X @ theta
    error = h - y
    J = (error ** 2).sum() / (2 * m)
    gradient = X.T @ error / m
    theta = theta - alpha * gradient
    if it % 400 == 0:
        print("J(theta) =", J)

print(theta.ravel())
