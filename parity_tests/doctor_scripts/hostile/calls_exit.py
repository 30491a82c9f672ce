import sys
import numpy as np

np.random.seed(9)
x = np.linspace(0, 1, 30).reshape(-1, 1)
t = 0.5 + 0.4 * np.sin(5 * x)

w1, b1 = np.random.randn(1, 8) * 3, np.random.randn(8)
w2, b2 = np.random.randn(8, 1), np.zeros(1)


def train(max_steps):
    global w1, b1, w2, b2
    for step in range(max_steps):
        try:
            a = np.tanh(x @ w1 + b1)
            y = a @ w2 + b2
            loss = np.mean((y - t) ** 2)
            if loss < 1e-3:
                print("good enough after", step, "steps")
                sys.exit("converged")
            g = 2 * (y - t)
            gw2, gb2 = a.T @ g / len(x), g.mean(0)
            ga = g @ w2.T * (1 - a ** 2)
            gw1, gb1 = x.T @ ga / len(x), ga.mean(0)
            w1, b1, w2, b2 = w1 - 0.1 * gw1, b1 - 0.1 * gb1, w2 - 0.1 * gw2, b2 - 0.1 * gb2
        except Exception as e:
            print("something went wrong:", e)
            sys.exit(2)
    sys.exit(1)


train(100000)
