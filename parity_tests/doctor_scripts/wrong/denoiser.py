import numpy as np

rng = np.random.default_rng(88)
data = rng.normal(size=(20, 3)) @ np.array([[1.0, 0.5, -0.3], [0.0, 1.0, 0.8], [0.2, 0.0, 1.0]])
mask = rng.random(data.shape) > 0.2
noisy = data * mask

# denoiser 3 - 3 - 3
encoder, decoder = rng.normal(size=(3, 3)) * 0.5, rng.normal(size=(3, 3)) * 0.5


def encode(x):
    return np.tanh(x @ encoder)


def decode(code):
    return code @ decoder


lr = 0.05
for epoch in range(600):
    code = encode(noisy)
    restored = decode(code)
    diff = restored - data
    loss = np.mean(np.sum(diff ** 2, axis=1))

    d_restored = 2 * diff / len(data)
    d_decoder = d_restored.T @ code
    d_code = d_restored @ decoder.T * (1 - code ** 2)
    d_encoder = noisy.T @ d_code

    encoder -= lr * d_encoder
    decoder -= lr * d_decoder

    if epoch % 150 == 0:
        print("epoch %4d   loss %.5f" % (epoch, loss))
