import numpy as np

try:
    import matplotlib.pyplot as plt
except ImportError:
    plt = None
try:
    import tkinter as tk
except ImportError:
    tk = None

np.random.seed(77)
X = np.random.uniform(-1, 1, (50, 2))
Y = (X ** 2).sum(axis=1, keepdims=True)

W1 = np.random.randn(2, 9); b1 = np.zeros((1, 9))
W2 = np.random.randn(9, 1) * 0.2; b2 = np.zeros((1, 1))
losses = []
for epoch in range(300):
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    out = A1 @ W2 + b2
    losses.append(np.mean((out - Y) ** 2))
    dout = 2 * (out - Y) / len(X)
    dW2 = A1.T @ dout
    db2 = dout.sum()
    dZ1 = dout @ W2.T * (Z1 > 0)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum()
    W1 -= 0.05 * dW1
    b1 -= 0.05 * db1
    W2 -= 0.05 * dW2
    b2 -= 0.05 * db2
print("loss", losses[0], "->", losses[-1])

if plt is not None:
    plt.plot(losses)
    plt.title("training loss")
    plt.show()

if tk is not None:
    try:
        root = tk.Tk()
    except tk.TclError:
        print("no display")
    else:
        canvas = tk.Canvas(root, width=320, height=200)
        canvas.pack()
        for i in range(1, len(losses)):
            canvas.create_line(i - 1, 200 - 150 * losses[i - 1] / losses[0], i, 200 - 150 * losses[i] / losses[0])
        root.mainloop()
