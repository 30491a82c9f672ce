import numpy as np

np.random.seed(19)


def make_pictures(n):
    """6x6 grey pictures 0..255: bright left / right / top / bottom half, one per column"""
    kinds = np.arange(n) % 4
    pics = np.zeros((n, 6, 6))
    for i, k in enumerate(kinds):
        if k == 0:
            pics[i, :, :3] = 180
        elif k == 1:
            pics[i, :, 3:] = 180
        elif k == 2:
            pics[i, :3, :] = 180
        else:
            pics[i, 3:, :] = 180
    pics += np.random.randint(0, 75, pics.shape)
    return pics.reshape(n, 36).T, kinds


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(x, weights, biases):
    acts = [x]
    for w, b in zip(weights, biases):
        acts.append(sigmoid(w @ acts[-1] + b))
    return acts


def backward(acts, y, weights):
    grads_w, grads_b = [], []
    delta = (acts[-1] - y) * acts[-1] * (1 - acts[-1])
    for l in range(len(weights) - 1, -1, -1):
        grads_w.append(delta @ acts[l].T / y.shape[1])
        grads_b.append(delta.mean(axis=1, keepdims=True))
        if l > 0:
            delta = (weights[l].T @ delta) * acts[l] * (1 - acts[l])
    return grads_w[::-1], grads_b[::-1]


x, kinds = make_pictures(80)
y = np.eye(4)[kinds].T

sizes = [36, 10, 4]
weights = [np.random.randn(o, i) for i, o in zip(sizes, sizes[1:])]
biases = [np.zeros((o, 1)) for o in sizes[1:]]

for epoch in range(300):
    acts = forward(x, weights, biases)
    grads_w, grads_b = backward(acts, y, weights)
    for l in range(len(weights)):
        weights[l] = weights[l] - 1.0 * grads_w[l]
        biases[l] = biases[l] - 1.0 * grads_b[l]
    if epoch % 60 == 0:
        print(epoch, "cost", 0.5 * np.sum((acts[-1] - y) ** 2) / y.shape[1],
              "right", np.sum(acts[-1].argmax(axis=0) == kinds), "of", len(kinds))
