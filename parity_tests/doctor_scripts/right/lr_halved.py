import numpy as np

np.random.seed(2020)
T = 72
phase = np.linspace(0, 2 * np.pi, T)
X = np.vstack([np.cos(phase), np.sin(phase)])            # 2 x T
Y = np.vstack([np.cos(2 * phase), np.sin(phase) ** 3])   # 2 x T

W1 = np.random.randn(11, 2); b1 = np.random.randn(11, 1) * 0.1
W2 = np.random.randn(2, 11) * 0.3; b2 = np.zeros((2, 1))


def forward(x):
    a1 = np.tanh(W1.dot(x) + b1)
    return a1, W2.dot(a1) + b2


lr0 = 0.2
for epoch in range(900):
    lr = lr0 * 0.5 ** (epoch // 300)       # halve every 300
    A1, A2 = forward(X)
    diff = A2 - Y
    loss = np.sum(diff ** 2) / T

    dA2 = 2 * diff / T
    dW2 = dA2.dot(A1.T)
    db2 = dA2.sum(axis=1, keepdims=True)
    dZ1 = W2.T.dot(dA2) * (1 - A1 ** 2)
    dW1 = dZ1.dot(X.T)
    db1 = dZ1.sum(axis=1, keepdims=True)

    W1 -= lr * dW1; b1 -= lr * db1
    W2 -= lr * dW2; b2 -= lr * db2
    if epoch % 150 == 0:
        print(epoch, lr, loss)
