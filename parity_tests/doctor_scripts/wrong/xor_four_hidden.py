import numpy as np

np.random.seed(12)

def nonlin(x, deriv=False):
    if deriv == True:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))

X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])

weight1 = np.random.random((3, 4))
weight2 = np.random.random((4, 1))

for it in range(1000):
    a1 = nonlin(np.dot(X, weight1))
    a2 = nonlin(np.dot(a1, weight2))

    error = y - a2
    dC_dw2 = error * nonlin(a2, True)
    dC_dw1 = np.dot(dC_dw2, weight2.T) * nonlin(a1, True)

    # add the step
    weight2 += dC_dw2
    weight1 += np.dot(X.T, dC_dw1)

    if it % 250 == 0:
        print("Loss:", (error ** 2).sum() / 2)

print("Output:")
print(a2)
