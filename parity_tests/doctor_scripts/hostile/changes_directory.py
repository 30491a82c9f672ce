import os
import tempfile
import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))
os.chdir("data")
points = np.genfromtxt("points.csv", delimiter=",", names=True)
X = np.column_stack([points["x1"], points["x2"], points["x3"]])
Y = points["y"][:, None]

os.chdir(tempfile.mkdtemp())            # logs do not belong in the repository
log = open("history.txt", "w")

rng = np.random.RandomState(2)
weights_0 = rng.randn(3, 6) * 0.7
bias_0 = np.zeros(6)
weights_1 = rng.randn(6, 1) * 0.7
bias_1 = np.zeros(1)

for n in range(500):
    layer_0 = np.tanh(X @ weights_0 + bias_0)
    layer_1 = layer_0 @ weights_1 + bias_1
    error = layer_1 - Y
    log.write("%d %.8f\n" % (n, (error ** 2).mean()))

    weights_1 -= 0.1 * layer_0.T @ error / len(X)
    bias_1 -= 0.1 * error.mean(axis=0)
    back = (error @ weights_1.T) * (1 - layer_0 ** 2)
    weights_0 -= 0.1 * X.T @ back / len(X)
    bias_0 -= 0.1 * back.mean(axis=0)
log.close()

lines = open("history.txt").read().split("\n")
print(len(lines) - 1, "lines in", os.path.basename(os.getcwd())[:3] + "...", "last:", lines[-2])
os.remove("history.txt")
