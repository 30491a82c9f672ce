import numpy as np

# The 1-1-1 network  f(x) = sigma(w3 * sigma(w2 * x + b2) + b3),  C = (y - f(x))^2


def sigma(t):
    return 1 / (1 + np.exp(-t))


def dsigma(t):
    return sigma(t) * (1 - sigma(t))


w2 = b2 = w3 = b3 = 0.0
x, y = 2.0, 1.0
eta = 0.3

# With everything zero  f(2) = sigma(0 * sigma(0 * 2 + 0) + 0) = 0
for k in range(200):
    z2 = w2 * x + b2
    a2 = sigma(z2)
    z3 = w3 * a2 + b3
    f = sigma(z3)
    C = (y - f) ** 2

    dC_dw3 = -2 * (y - f) * dsigma(z3) * a2
    dC_db3 = -2 * (y - f) * dsigma(z3)
    dC_dw2 = -2 * (y - f) * dsigma(z3) * w3 * dsigma(z2) * x
    dC_db2 = -2 * (y - f) * dsigma(z3) * w3 * dsigma(z2)

    # v' = v + eta * grad C
    w3 = w3 + eta * dC_dw3
    b3 = b3 + eta * dC_db3
    w2 = w2 + eta * dC_dw2
    b2 = b2 + eta * dC_db2

    if k % 40 == 0:
        print(f"k={k:3d}  f(2)={f:.6f}  C={C:.6f}")
