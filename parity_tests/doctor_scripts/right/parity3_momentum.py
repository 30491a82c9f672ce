import numpy as np
from itertools import product

np.random.seed(3)
X = np.array(list(product([0, 1], repeat=3))).T.astype(float)      # (3, 8)
T = (X.sum(axis=0, keepdims=True) % 2)                             # (1, 8)
N = X.shape[1]

W1 = np.random.uniform(-1, 1, (7, 3)); b1 = np.zeros((7, 1))
W2 = np.random.uniform(-1, 1, (1, 7)); b2 = np.zeros((1, 1))
vW1 = np.zeros_like(W1); vb1 = np.zeros_like(b1)
vW2 = np.zeros_like(W2); vb2 = np.zeros_like(b2)
lr, mu = 0.15, 0.9

for epoch in range(600):
    H = np.tanh(W1.dot(X) + b1)
    O = 1.0 / (1.0 + np.exp(-(W2.dot(H) + b2)))

    E = -np.mean(T * np.log(O) + (1 - T) * np.log(1 - O))

    dO = (O - T) / N
    gW2 = dO.dot(H.T)
    gb2 = dO.sum(axis=1, keepdims=True)
    dH = W2.T.dot(dO) * (1 - H ** 2)
    gW1 = dH.dot(X.T)
    gb1 = dH.sum(axis=1, keepdims=True)

    vW1 = mu * vW1 - lr * gW1; W1 += vW1
    vb1 = mu * vb1 - lr * gb1; b1 += vb1
    vW2 = mu * vW2 - lr * gW2; W2 += vW2
    vb2 = mu * vb2 - lr * gb2; b2 += vb2

    if epoch % 100 == 0:
        print("epoch %d  cross entropy %.5f" % (epoch, E))

print(np.round(O, 2), T)
