import numpy as np

# One neuron of my net, with the numbers that the debugger shows.
a_prev = np.array([62.5])
w = np.array([0.8])
y = 0.0
rate = 0.5


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


for step in range(20):
    z = w * a_prev  # 50
    a = sigmoid(z)  # 1
    cost = (a - y) ** 2  # 1, as bad as it can be!

    dcost_da = 2 * (a - y)
    da_dz = a * (1 - a)
    dz_dw = a_prev
    dcost_dw = dcost_da * da_dz * dz_dw

    w = w - rate * dcost_dw
    if step % 5 == 0:
        print("z", z, "a", a, "cost", cost, "gradient", dcost_dw, "w", w)

# How can the gradient be 0 when the cost is 1?
