import threading
import time
import numpy as np


class Trainer(threading.Thread):
    def __init__(self):
        super().__init__()
        rng = np.random.default_rng(51)
        self.X = rng.normal(size=(60, 4))
        self.y = (self.X[:, 0] * self.X[:, 1] > 0).astype(int)
        self.W1, self.b1 = rng.normal(size=(4, 11)), np.zeros(11)
        self.W2, self.b2 = rng.normal(size=(11, 2)) * 0.5, np.zeros(2)
        self.loss = None

    def run(self):
        n = len(self.X)
        for _ in range(800):
            h = np.tanh(self.X @ self.W1 + self.b1)
            s = h @ self.W2 + self.b2
            p = np.exp(s - s.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            self.loss = -np.log(p[np.arange(n), self.y]).mean()
            ds = p.copy()
            ds[np.arange(n), self.y] -= 1
            ds /= n
            dh = ds @ self.W2.T * (1 - h ** 2)
            self.W2 -= 0.3 * h.T @ ds
            self.b2 -= 0.3 * ds.sum(axis=0)
            self.W1 -= 0.3 * self.X.T @ dh
            self.b1 -= 0.3 * dh.sum(axis=0)


def progress(trainer):
    while trainer.is_alive():
        time.sleep(0.02)


if __name__ == "__main__":
    trainer = Trainer()
    watcher = threading.Thread(target=progress, args=(trainer,), daemon=True)
    trainer.start()
    watcher.start()
    trainer.join()
    print("final loss", trainer.loss)
