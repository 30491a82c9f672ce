import multiprocessing as mp
import numpy as np


def train(seed):
    rng = np.random.RandomState(seed)
    X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float)
    y = np.array([[0], [1], [1], [0]], dtype=float)
    syn0 = rng.uniform(-1, 1, (3, 4))
    syn1 = rng.uniform(-1, 1, (4, 1))
    for _ in range(2000):
        l1 = 1 / (1 + np.exp(-X @ syn0))
        l2 = 1 / (1 + np.exp(-l1 @ syn1))
        l2_delta = (y - l2) * l2 * (1 - l2)
        l1_delta = l2_delta @ syn1.T * l1 * (1 - l1)
        syn1 += l1.T @ l2_delta
        syn0 += X.T @ l1_delta
    return seed, float(np.abs(y - l2).mean())


if __name__ == "__main__":
    # try some seeds at once and keep the best
    with mp.Pool(2) as pool:
        results = pool.map(train, range(4))
    for seed, error in results:
        print("seed", seed, "error", error)
    print("best", min(results, key=lambda r: r[1]))
