"""n-30-10 digits. An example is a ROW, a neuron is a COLUMN of W, the whole mini-batch goes through at once.

(The book has it the other way round and loops over the examples.)
"""

import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

np.seterr(over="raise", invalid="raise")  # I want to see an overflow, not a nan

images, digits = load_digits(return_X_y=True)
x_train, x_test, d_train, d_test = train_test_split(images / 16, digits, test_size=0.25, random_state=0)
n_train = len(x_train)
e_train = np.zeros((n_train, 10))
e_train[np.arange(n_train), d_train] = 1


def f(z):
    return 1 / (1 + np.exp(-z))


rng = np.random.RandomState(0)
W1 = rng.rand(64, 30)
b1 = rng.rand(30)
W2 = rng.rand(30, 10)
b2 = rng.rand(10)

rate, batch = 3.0, 10
max_epochs, max_seconds, min_norm = 5, 60, 1e-12  # three ways to stop
begin = time.time()

for epoch in range(max_epochs):
    order = rng.permutation(n_train)
    for k in range(0, n_train - batch + 1, batch):
        a0 = x_train[order[k : k + batch]]
        e = e_train[order[k : k + batch]]

        a1 = f(a0 @ W1 + b1)
        a2 = f(a1 @ W2 + b2)

        grad_z2 = (a2 - e) * a2 * (1 - a2) / batch
        grad_W2 = a1.T @ grad_z2
        grad_b2 = grad_z2.sum(axis=0)
        grad_z1 = a1 * (1 - a1) * (grad_z2 @ W2.T)
        grad_W1 = a0.T @ grad_z1
        grad_b1 = grad_z1.sum(axis=0)

        W1 -= rate * grad_W1
        b1 -= rate * grad_b1
        W2 -= rate * grad_W2
        b2 -= rate * grad_b2
    norm = np.sqrt(sum((g**2).sum() for g in (grad_W1, grad_b1, grad_W2, grad_b2)))
    hits = (f(f(x_test @ W1 + b1) @ W2 + b2).argmax(axis=1) == d_test).mean()
    print(f"epoch {epoch + 1}: {100 * hits:.1f} % right, |grad| {norm:.2e}")
    if norm < min_norm or time.time() - begin > max_seconds:
        break

# 10 %, epoch after epoch (30 of them did not help), where the book has over 90 % after the first one.
# Is the book wrong? Is a rate of 3 not far too large? 0.01 is what everybody takes.
