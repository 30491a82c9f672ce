import numpy as np

# customer churn toy, the reported loss is log loss
rng = np.random.default_rng(12)
n = 48
X = rng.normal(size=(n, 5))
churn = (X @ np.array([1.0, -2.0, 0.5, 0.0, 1.0]) + rng.normal(size=n) > 0).astype(int)[:, None]


def expit(v):
    return 1.0 / (1.0 + np.exp(-v))


def log_loss(p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


# logistic regression first, hidden layer later
coef = rng.normal(scale=0.5, size=(5, 1))
intercept = np.zeros((1, 1))

for epoch in range(500):
    prob = expit(X @ coef + intercept)
    loss = log_loss(prob, churn)

    prob_grad = 2 * (prob - churn) / n
    prob_delta = prob_grad * prob * (1 - prob)
    coef_grad = X.T @ prob_delta
    intercept_grad = prob_delta.sum(axis=0)

    coef = coef - 1.0 * coef_grad
    intercept = intercept - 1.0 * intercept_grad

    if epoch % 100 == 99:
        print("epoch", epoch + 1, "log loss", loss)
