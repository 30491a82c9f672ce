import numpy as np


class Affine:
    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]
        self.x = None

    def forward(self, x):
        W, b = self.params
        self.x = x
        return np.dot(x, W) + b

    def backward(self, dout):
        W, b = self.params
        dx = np.dot(dout, W.T)
        self.grads[0][...] = np.dot(self.x.T, dout)
        self.grads[1][...] = np.sum(dout, axis=0)
        return dx


class Elu:
    def __init__(self, alpha=1.0):
        self.params, self.grads = [], []
        self.alpha = alpha

    def forward(self, x):
        self.out = np.where(x > 0, x, self.alpha * (np.exp(np.minimum(x, 0)) - 1))
        return self.out

    def backward(self, dout):
        return dout * np.where(self.out > 0, 1, self.out + self.alpha)


class MeanSquare:
    def forward(self, y, t):
        self.diff = y - t
        return 0.5 * np.sum(self.diff ** 2) / len(t)

    def backward(self, dout=1):
        return dout * self.diff / len(self.diff)


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2
        self.iter = 0
        self.m = self.v = None

    def update(self, params, grads):
        if self.m is None:
            self.m = [np.zeros_like(p) for p in params]
            self.v = [np.zeros_like(p) for p in params]
        self.iter += 1
        lr_t = self.lr * np.sqrt(1.0 - self.beta2 ** self.iter) / (1.0 - self.beta1 ** self.iter)
        for i in range(len(params)):
            self.m[i] += (1 - self.beta1) * (grads[i] - self.m[i])
            self.v[i] += (1 - self.beta2) * (grads[i] ** 2 - self.v[i])
            params[i] -= lr_t * self.m[i] / (np.sqrt(self.v[i]) + 1e-7)


class Net:
    def __init__(self, I, H1, H2, O):
        rn = np.random.RandomState(1984).randn
        self.layers = [
            Affine(rn(I, H1) / np.sqrt(I), np.zeros(H1)), Elu(),
            Affine(rn(H1, H2) / np.sqrt(H1), np.zeros(H2)), Elu(),
            Affine(rn(H2, O) / np.sqrt(H2), np.zeros(O)),
        ]
        self.last = MeanSquare()
        self.params, self.grads = [], []
        for layer in self.layers:
            self.params += layer.params
            self.grads += layer.grads

    def forward(self, x, t):
        for layer in self.layers:
            x = layer.forward(x)
        return self.last.forward(x, t)

    def backward(self):
        dout = self.last.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)


# robot arm: joint angles -> hand position
rng = np.random.RandomState(7)
angles = rng.uniform(0, np.pi / 2, (140, 2))
hand = np.c_[np.cos(angles[:, 0]) + 0.7 * np.cos(angles.sum(1)), np.sin(angles[:, 0]) + 0.7 * np.sin(angles.sum(1))]

model, optimizer = Net(2, 10, 7, 2), Adam(lr=0.01)
for epoch in range(60):
    idx = rng.permutation(len(angles))
    for i in range(4):
        batch = idx[i * 35:(i + 1) * 35]
        loss = model.forward(angles[batch], hand[batch])
        model.backward()
        optimizer.update(model.params, model.grads)
    if epoch % 10 == 0:
        print('| epoch %d | loss %.5f' % (epoch + 1, loss))
