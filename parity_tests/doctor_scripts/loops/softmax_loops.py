import math
import random

random.seed(12)
points = [(random.gauss(m, 0.6), random.gauss(-m, 0.6)) for m in (-1, 0, 1) for _ in range(4)]
classes = [c for c in range(3) for _ in range(4)]
order = list(range(12))
W = [[random.gauss(0, 0.4) for _ in range(2)] for _ in range(3)]
b = [0.0, 0.0, 0.0]
rate = 0.2

for epoch in range(6):
    random.shuffle(order)
    nll = 0.0
    for n in order:
        x, c = points[n], classes[n]
        z = [W[k][0] * x[0] + W[k][1] * x[1] + b[k] for k in range(3)]
        top = max(z)
        e = [math.exp(v - top) for v in z]
        p = [v / sum(e) for v in e]
        nll -= math.log(p[c])
        for k in range(3):
            g = p[k] - (1.0 if k == c else 0.0)
            for i in range(2):
                W[k][i] -= rate * g * x[i]
            b[k] -= rate * g
    if epoch % 5 == 0:
        print(epoch, nll / 12)
