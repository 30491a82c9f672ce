import numpy as np

# a whole column of data at a time, but every weight on its own
rng = np.random.default_rng(17)
age, size = rng.uniform(-1, 1, 15), rng.uniform(-1, 1, 15)
price = 0.8 * size - 0.5 * age + 0.3
w_age, w_size, base = 0.1, -0.1, 0.0
for k in range(50):
    guess = w_age * age + w_size * size + base
    gap = guess - price
    cost = np.mean(gap**2)
    w_age -= 0.4 * 2 * np.mean(gap * age)
    w_size -= 0.4 * 2 * np.mean(gap * size)
    base -= 0.4 * 2 * np.mean(gap)
    if k % 10 == 0:
        print(k, cost)
