import numpy as np

rng = np.random.default_rng(13)
A = rng.uniform(0, 1, (9, 4))
target = np.column_stack([A[:, 0] * A[:, 1], A[:, 2] - A[:, 3]])
w_hidden = rng.normal(0, 0.5, (5, 4))      # one row per unit
b_hidden = rng.normal(0, 0.1, 5)
w_out = rng.normal(0, 0.5, (2, 5))
b_out = rng.normal(0, 0.1, 2)

for step in range(40):
    s1 = np.inner(A, w_hidden) + b_hidden
    a1 = 1 / (1 + np.exp(-s1))
    s2 = a1.dot(w_out.T) + b_out
    err = s2 - target
    mse = np.mean(err**2)
    d2 = 2 * err / err.size
    d1 = d2.dot(w_out) * a1 * (1 - a1)
    w_out -= 0.3 * d2.T.dot(a1)
    b_out -= 0.3 * d2.sum(0)
    w_hidden -= 0.3 * d1.T.dot(A)
    b_hidden -= 0.3 * d1.sum(0)
    if step % 10 == 0:
        print(step, mse)
