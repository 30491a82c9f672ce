import numpy as np

rng = np.random.default_rng(91)
X = rng.normal(size=(36, 4))
y = rng.integers(0, 2, size=(36, 1)).astype(float)

theta = {
    "W1": rng.normal(size=(4, 5)) * 0.5, "b1": np.zeros((1, 5)),
    "W2": rng.normal(size=(5, 1)) * 0.5, "b2": np.zeros((1, 1)),
}
first = {k: 0.0 * v for k, v in theta.items()}
second = {k: 0.0 * v for k, v in theta.items()}
lr, b_1, b_2, tiny = 0.02, 0.9, 0.999, 1e-8
t = 1

for epoch in range(300):
    hidden = np.tanh(X @ theta["W1"] + theta["b1"])
    prob = 1 / (1 + np.exp(-(hidden @ theta["W2"] + theta["b2"])))
    bce = -np.mean(y * np.log(prob) + (1 - y) * np.log(1 - prob))

    dz2 = (prob - y) / len(X)
    dz1 = dz2 @ theta["W2"].T * (1 - hidden ** 2)
    grad = {
        "W1": X.T @ dz1, "b1": dz1.sum(axis=0, keepdims=True),
        "W2": hidden.T @ dz2, "b2": dz2.sum(axis=0, keepdims=True),
    }

    t += 1
    for k in theta:
        first[k] = b_1 * first[k] + (1 - b_1) * grad[k]
        second[k] = b_2 * second[k] + (1 - b_2) * grad[k] ** 2
        m_hat = first[k] / (1 - b_1 ** t)
        v_hat = second[k] / (1 - b_2 ** t)
        theta[k] = theta[k] - lr * m_hat / (np.sqrt(v_hat) + tiny)

    if epoch % 50 == 0:
        print(f"epoch {epoch} bce {bce:.4f}")
