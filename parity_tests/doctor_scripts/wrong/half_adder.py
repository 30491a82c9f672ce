import numpy as np

# half adder: sum and carry
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
Y = np.array([[0, 0], [1, 0], [1, 0], [0, 1]], dtype=float)

gen = np.random.default_rng(3)
theta1 = gen.uniform(-1, 1, (2, 2))
theta2 = gen.uniform(-1, 1, (2, 2))
bias1 = gen.uniform(-1, 1, 2)
bias2 = gen.uniform(-1, 1, 2)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(x):
    s1 = x @ theta1 + bias1
    y1 = sigmoid(s1)
    s2 = y1 @ theta2 + bias2
    y2 = sigmoid(s2)
    return y1, y2


eta = 0.3
for epoch in range(1500):
    sq = 0
    for x, t in zip(X, Y):
        y1, y2 = forward(x)
        out_error = t - y2
        out_delta = out_error * y2 * (1 - y2)
        hid_error = out_error
        hid_delta = hid_error

        theta2 += eta * np.outer(y1, out_delta)
        bias2 += eta * out_delta
        theta1 += eta * np.outer(x, hid_delta)
        bias1 += eta * hid_delta
        sq += 0.5 * out_error @ out_error
    if epoch % 300 == 0:
        print(epoch, sq)
print(np.round([forward(x)[1] for x in X], 2))
