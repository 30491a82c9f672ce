import numpy as np

print("*** my neural network ***")
hidden = int(input("How many hidden units? "))
rate = float(input("Learning rate? "))
epochs = int(input("Epochs? "))

np.random.seed(10)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
Y = np.array([[0], [0], [0], [1]], dtype=float)
W1 = np.random.randn(2, hidden)
B1 = np.zeros((1, hidden))
W2 = np.random.randn(hidden, 1)
B2 = np.zeros((1, 1))
sig = lambda z: 1 / (1 + np.exp(-z))

for e in range(epochs):
    H = sig(X @ W1 + B1)
    O = sig(H @ W2 + B2)
    dO = (O - Y) * O * (1 - O)
    dH = dO @ W2.T * H * (1 - H)
    W2 -= rate * H.T @ dO
    B2 -= rate * dO.sum(axis=0)
    W1 -= rate * X.T @ dH
    B1 -= rate * dH.sum(axis=0)
print("error", 0.5 * ((O - Y) ** 2).sum())

while True:
    q = input("x1 x2 (empty to quit): ")
    if not q:
        break
    print(sig(sig(np.array([[float(v) for v in q.split()]]) @ W1 + B1) @ W2 + B2))
