import numpy as np

# coming from Matlab, so everything is np.matrix and * is the matrix product
np.random.seed(12)

P = np.matrix('0 0 1; 0 1 1; 1 0 1; 1 1 1', dtype=float)
T = np.matrix('0; 1; 1; 0', dtype=float)

W1 = np.matrix(np.random.randn(3, 4))
W2 = np.matrix(np.random.randn(4, 1))

def logsig(n):
    return 1 / (1 + np.exp(-n))

lr = 1.5
for k in range(4000):
    A1 = logsig(P * W1)
    A2 = logsig(A1 * W2)

    E = T - A2
    S2 = np.multiply(E, np.multiply(A2, 1 - A2))
    S1 = np.multiply(S2 * W2.T, np.multiply(A1, 1 - A1))

    W2 = W2 + lr * A1.T * S2
    W1 = W1 + lr * P.T * S1

    if k % 1000 == 0:
        print(k, 'SSE/2 =', 0.5 * float((E.T * E)[0, 0]))

print(A2)
