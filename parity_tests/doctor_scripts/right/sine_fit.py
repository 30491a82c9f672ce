import numpy as np

rng = np.random.default_rng(21)

x = np.linspace(-np.pi, np.pi, 50).reshape(-1, 1)
y = np.sin(x)

n_hidden = 12
w_in = rng.normal(0, 1, (1, n_hidden))
b_in = rng.normal(0, 1, n_hidden)
w_out = rng.normal(0, 0.3, (n_hidden, 1))
b_out = np.zeros(1)

eta = 0.05
for step in range(4000):
    hidden = np.tanh(x @ w_in + b_in)
    y_hat = hidden @ w_out + b_out

    loss = np.mean((y_hat - y) ** 2)
    if step % 1000 == 0:
        print("step", step, "mse", loss)

    grad_y = 2 * (y_hat - y) / len(x)
    grad_w_out = hidden.T @ grad_y
    grad_b_out = grad_y.sum(axis=0)
    grad_hidden = grad_y @ w_out.T
    grad_pre = grad_hidden * (1 - hidden * hidden)
    grad_w_in = x.T @ grad_pre
    grad_b_in = grad_pre.sum(axis=0)

    w_in = w_in - eta * grad_w_in
    b_in = b_in - eta * grad_b_in
    w_out = w_out - eta * grad_w_out
    b_out = b_out - eta * grad_b_out

print("final mse", loss)
