import numpy as np

np.random.seed(27)
n, H = 30, 6
X = np.sort(np.random.uniform(-3, 3, (n, 1)), axis=0)
y = np.sin(X[:, 0]) + 0.05 * np.random.randn(n)

W = np.random.randn(1, H)
b = np.random.randn(H) * 0.5
v = np.random.randn(H, 1) * 0.3
c = np.zeros(1)


def predict(X):
    hidden = np.tanh(X @ W + b)
    return hidden, hidden @ v + c


lr = 0.1
for epoch in range(300):
    hidden, pred = predict(X)
    loss = np.mean((pred - y) ** 2)

    d_pred = 2 * (pred - y)
    dv, dW, db = np.zeros_like(v), np.zeros_like(W), np.zeros_like(b)
    for j in range(H):
        h_j = hidden[:, [j]]
        dv[j, 0] = np.mean(d_pred * h_j)
        d_net = d_pred * v[j, 0] * (1 - h_j ** 2)
        dW[0, j] = np.mean(d_net * X)
        db[j] = np.mean(d_net)
    dc = np.mean(d_pred)

    W -= lr * dW
    b -= lr * db
    v -= lr * dv
    c -= lr * dc
    if epoch % 60 == 0:
        print(epoch, "loss =", loss)

print("prediction from", pred.min(), "to", pred.max())
