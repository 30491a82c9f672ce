import numpy as np
from numpy import exp, log

# columns = songs. 6 audio features, 3 tags (a song can have several)
rng = np.random.default_rng(13)
songs = 75
F = rng.normal(size=(6, songs))
mix = rng.normal(size=(3, 6))
tags = (mix @ F + 0.4 * rng.normal(size=(3, songs)) > 0.2) * 1.0


def sig(z):
    return 1 / (1 + exp(-z))


def forward(P, x):
    W1, c1, W2, c2 = P
    u = W1 @ x + c1
    v = np.maximum(u, 0)
    return u, v, sig(W2 @ v + c2)


def bce(p, t):
    # sum over the tags, mean over the songs
    return -(t * log(p) + (1 - t) * log(1 - p)).sum() / t.shape[1]


def grads(P, x, t):
    W1, c1, W2, c2 = P
    u, v, p = forward(P, x)
    g2 = (p - t) / x.shape[1]
    g1 = W2.T @ g2
    g1[u <= 0] = 0
    return (g1 @ x.T, g1.sum(axis=1, keepdims=True), g2 @ v.T, g2.sum(axis=1, keepdims=True))


P = (rng.normal(size=(10, 6)) * 0.5, np.zeros((10, 1)) + 0.05, rng.normal(size=(3, 10)) * 0.4, np.zeros((3, 1)))
for it in range(601):
    G = grads(P, F, tags)
    P = tuple(p - 0.3 * g for p, g in zip(P, G))
    if it % 150 == 0:
        print(it, bce(forward(P, F)[2], tags))
