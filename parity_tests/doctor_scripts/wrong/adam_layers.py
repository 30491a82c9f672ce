import numpy as np

rng = np.random.RandomState(101)


class Dense:
    def __init__(self, n_in, n_out):
        self.W = rng.uniform(-1, 1, (n_in, n_out)) * np.sqrt(6 / (n_in + n_out))
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d):
        self.grads = [self.x.T @ d, d.sum(axis=0)]
        return d @ self.W.T


class Tanh:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, d):
        return d * (1 - self.y * self.y)


class Adam:
    def __init__(self, lr=0.01, beta1=0.999, beta2=0.9, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.state = 0, {}

    def update(self, layers):
        self.t += 1
        for layer in layers:
            for name, g in zip(("W", "b"), layer.grads):
                m, v = self.state.get((id(layer), name), (0.0, 0.0))
                m = self.beta1 * m + (1 - self.beta1) * g
                v = self.beta2 * v + (1 - self.beta2) * g * g
                self.state[id(layer), name] = m, v
                mh, vh = m / (1 - self.beta1 ** self.t), v / (1 - self.beta2 ** self.t)
                setattr(layer, name, getattr(layer, name) - self.lr * mh / (np.sqrt(vh) + self.eps))


X = rng.rand(64, 3)
Y = np.stack([X.sum(axis=1), X[:, 0] * X[:, 2]], axis=1)
d1, act, d2 = Dense(3, 7), Tanh(), Dense(7, 2)
opt = Adam()

for epoch in range(40):
    order = rng.permutation(64)
    for k in range(0, 64, 16):
        xb, yb = X[order[k:k + 16]], Y[order[k:k + 16]]
        out = d2.forward(act.forward(d1.forward(xb)))
        loss = np.mean((out - yb) ** 2)
        d1.backward(act.backward(d2.backward(2 * (out - yb) / out.size)))
        opt.update([d1, d2])
    if epoch % 8 == 0:
        print(epoch, loss)
