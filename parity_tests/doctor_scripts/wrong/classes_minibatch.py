import numpy as np


def one_hot(y, k):
    ary = np.zeros((y.shape[0], k))
    for i, val in enumerate(y):
        ary[i, val] = 1
    return ary


class MultilayerPerceptron:
    def __init__(self, num_features, num_hidden, num_classes, random_seed=123):
        rng = np.random.RandomState(random_seed)
        self.weight_h = rng.normal(loc=0.0, scale=0.3, size=(num_hidden, num_features))
        self.bias_h = np.zeros(num_hidden)
        self.weight_out = rng.normal(loc=0.0, scale=0.3, size=(num_classes, num_hidden))
        self.bias_out = np.zeros(num_classes)

    def forward(self, x):
        z_h = np.dot(x, self.weight_h.T) + self.bias_h
        a_h = np.tanh(z_h)
        z_out = np.dot(a_h, self.weight_out.T) + self.bias_out
        e = np.exp(z_out - z_out.max(axis=1, keepdims=True))
        return a_h, e / e.sum(axis=1, keepdims=True)

    def backward(self, x, a_h, probas, y_onehot):
        delta_out = (probas - y_onehot) / x.shape[0]
        d_w_out = np.dot(delta_out.T, a_h)
        d_b_out = np.sum(delta_out)
        delta_h = np.dot(delta_out, self.weight_out) * (1 - a_h ** 2)
        d_w_h = np.dot(delta_h.T, x)
        d_b_h = np.sum(delta_h, axis=0)
        return d_w_out, d_b_out, d_w_h, d_b_h


rng = np.random.default_rng(5)
y = rng.integers(0, 3, 60)
X = np.array([[0.0, 1, 0, 1], [1, 0, 0, -1], [-1, 0, 1, 0]])[y] + 0.5 * rng.normal(size=(60, 4))

model = MultilayerPerceptron(4, 6, 3)
for epoch in range(30):
    indices = rng.permutation(60)
    for start in range(0, 60, 15):
        batch = indices[start:start + 15]
        xb, yb = X[batch], one_hot(y[batch], 3)
        a_h, probas = model.forward(xb)
        d_w_out, d_b_out, d_w_h, d_b_h = model.backward(xb, a_h, probas, yb)
        model.weight_h -= 0.3 * d_w_h
        model.bias_h -= 0.3 * d_b_h
        model.weight_out -= 0.3 * d_w_out
        model.bias_out -= 0.3 * d_b_out
    _, p = model.forward(X)
    if epoch % 5 == 0:
        print(f"Epoch {epoch:02d}  CE {-np.log(p[np.arange(60), y]).mean():.4f}")
print("biases of the output layer", model.bias_out)
