import numpy as np

# two-layer net, three classes, after the course notes
rng = np.random.default_rng(0)
N, D, H, C = 75, 2, 10, 3
X = np.zeros((N, D))
y = np.zeros(N, dtype=int)
for c in range(C):
    ix = range(25 * c, 25 * (c + 1))
    r = np.linspace(0.1, 1, 25)
    t = np.linspace(c * 4, (c + 1) * 4, 25) + rng.standard_normal(25) * 0.2
    X[ix] = np.c_[r * np.sin(t), r * np.cos(t)]
    y[ix] = c

W = 0.5 * rng.standard_normal((D, H))
b = 0.01 * np.ones((1, H))
W2 = 0.5 * rng.standard_normal((H, C))
b2 = np.zeros((1, C))

step_size = 0.5
for i in range(600):
    hidden_layer = np.maximum(0, X @ W + b)
    scores = hidden_layer @ W2 + b2

    exp_scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    probs = exp_scores / exp_scores.sum(axis=1, keepdims=True)
    loss = -np.log(probs[range(N), y]).mean()
    if i % 100 == 0:
        print("iteration %d: loss %f" % (i, loss))

    dscores = probs.copy()
    dscores[range(N), y] -= 1
    dscores /= N

    dW2 = hidden_layer.T @ dscores
    db2 = dscores.sum(axis=0, keepdims=True)
    dhidden = dscores @ W2.T
    dhidden[dhidden <= 0] = 0
    dW = X.T @ dhidden
    db = dhidden.sum(axis=0, keepdims=True)

    W -= step_size * dW
    b -= step_size * db
    W2 -= step_size * dW2
    b2 -= step_size * db2

print("training accuracy: %.2f" % np.mean(scores.argmax(axis=1) == y))
