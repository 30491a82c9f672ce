"""The data of the architectures: handwritten digits, an English text, and circles to be found in noise.

Digits and text come with scikit-learn (Alpaydin & Kaynak 1998; the text is the description of that data set), so
that nothing is downloaded. `python examples/architectures/data.py gpt2 batch.npz` writes one of them to a file
that `backproof check --data` takes.
"""

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]
Data = tuple[Array, Array]

OBSERVATIONS = 48
VOCABULARY = 32
PADDING, UNKNOWN = 0, 1


def digits() -> Data:
    """Return images (48, 8, 8, 1) with grey values from 0 to 1, and their classes."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images[:OBSERVATIONS, :, :, None] / 16.0).astype(np.float64), found.target[:OBSERVATIONS]


def pixels() -> Data:
    """Return images as vectors (48, 64), which are their own targets."""
    x = digits()[0].reshape(OBSERVATIONS, -1)
    return x, x


def characters(length: int) -> NDArray[np.int64]:
    """Return stretches of a text as indices (48, length): letters and the commonest signs, the others are 1."""
    from sklearn.datasets import load_digits

    text = load_digits().DESCR.lower()
    alphabet = " abcdefghijklmnopqrstuvwxyz.,0"
    index = {sign: position for position, sign in enumerate(alphabet, start=UNKNOWN + 1)}
    codes = np.array([index.get(sign, UNKNOWN) for sign in text])
    starts = np.arange(OBSERVATIONS) * 29 % (len(codes) - length)
    return np.stack([codes[start : start + length] for start in starts])


def next_character(length: int = 12) -> Data:
    """Return stretches of text, and the same shifted by one: what comes next, at every position."""
    codes = characters(length + 1)
    return codes[:, :-1], codes[:, 1:]


def hidden_characters(length: int = 12) -> Data:
    """Return stretches of text with one of six characters hidden, and what these were; -1 where none is hidden."""
    codes = characters(length)
    hidden = np.random.default_rng(0).random(codes.shape) < 1 / 6
    return np.where(hidden, UNKNOWN, codes), np.where(hidden, codes, -1)


def circles(size: int = 8) -> Data:
    """Return noisy images (48, size, size, 1) with a bright disc each, and which pixels belong to it."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:size, :size]
    centre, radius = rng.uniform(2, size - 2, (OBSERVATIONS, 2, 1, 1)), rng.uniform(1.5, 3, (OBSERVATIONS, 1, 1))
    inside = (rows - centre[:, 0]) ** 2 + (columns - centre[:, 1]) ** 2 < radius**2
    return (inside + rng.normal(0.0, 0.5, inside.shape))[..., None], inside[..., None].astype(np.float64)


DATA: dict[str, Callable[[], Data]] = {
    "lenet": digits,
    "resnet": digits,
    "mobilenet": digits,
    "unet": circles,
    "lstm": next_character,
    "gru": next_character,
    "gpt2": next_character,
    "bert": hidden_characters,
    "llama": next_character,
    "vit": digits,
    "mixer": digits,
    "vae": pixels,
}
"""The data of each architecture, by the name of its spec."""


if __name__ == "__main__":
    name, path = sys.argv[1:]
    x, y = DATA[name]()
    np.savez(path, x=x, y=y)
    print(f"{path}: x {x.shape}, y {y.shape}")
