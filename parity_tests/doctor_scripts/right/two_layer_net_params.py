import numpy as np


class TwoLayerNet(object):
    def __init__(self, input_size, hidden_size, output_size, std=0.3):
        self.params = {}
        self.params['W1'] = std * np.random.randn(input_size, hidden_size)
        self.params['b1'] = np.zeros(hidden_size)
        self.params['W2'] = std * np.random.randn(hidden_size, output_size)
        self.params['b2'] = np.zeros(output_size)

    def loss(self, X, y=None):
        W1, b1 = self.params['W1'], self.params['b1']
        W2, b2 = self.params['W2'], self.params['b2']
        N = X.shape[0]

        z1 = X.dot(W1) + b1
        a1 = np.maximum(z1, 0)
        scores = a1.dot(W2) + b2
        if y is None:
            return scores

        shifted = scores - scores.max(axis=1, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -logp[np.arange(N), y].mean()

        grads = {}
        dscores = np.exp(logp)
        dscores[np.arange(N), y] -= 1
        dscores /= N
        grads['W2'] = a1.T.dot(dscores)
        grads['b2'] = np.sum(dscores, axis=0)
        da1 = dscores.dot(W2.T)
        dz1 = np.where(z1 > 0, da1, 0)
        grads['W1'] = X.T.dot(dz1)
        grads['b1'] = np.sum(dz1, axis=0)
        return loss, grads

    def train(self, X, y, learning_rate=0.2, num_iters=400, batch_size=32):
        for it in range(num_iters):
            idx = np.random.choice(X.shape[0], batch_size)
            X_batch, y_batch = X[idx], y[idx]
            loss, grads = self.loss(X_batch, y=y_batch)
            for key in self.params:
                self.params[key] -= learning_rate * grads[key]
            if it % 100 == 0:
                print('iteration %d / %d: loss %f' % (it, num_iters, loss))

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)


np.random.seed(231)
y = np.random.randint(0, 5, 150)
X = np.random.randn(5, 8)[y] * 1.2 + np.random.randn(150, 8) * 0.8
net = TwoLayerNet(8, 13, 5)
net.train(X, y)
print("accuracy", (net.predict(X) == y).mean())
