"""How many updates a script makes, read off its loops."""

from pathlib import Path

import pytest

from backproof.doctor.infer import infer
from backproof.doctor.iterations import iterations
from backproof.doctor.watch import watch

HEAD = """
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(12, 3))
Y = (X[:, :1] > 0) * 1.0
W1, W2 = rng.normal(size=(3, 4)), rng.normal(size=(4, 1))
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def update(x, y):
    global W1, W2
    a1 = sigmoid(x @ W1)
    a2 = sigmoid(a1 @ W2)
    delta2 = (a2 - y) * a2 * (1 - a2)
    delta1 = (delta2 @ W2.T) * a1 * (1 - a1)
    W2 = W2 - 0.5 * a1.T @ delta2
    W1 = W1 - 0.5 * x.T @ delta1
"""

LOOPS = {
    "for step in range(90):\n    update(X, Y)": 90,
    "def train(epochs=40):\n    for _ in range(epochs):\n        update(X, Y)\ntrain()": 40,
    "epochs, size = 30, 4\nfor e in range(epochs):\n    for s in range(0, 12, size):\n"
    "        update(X[s:s + size], Y[s:s + size])": 90,
    "for e in range(50):\n    for k in range(3):\n        e + k\n    update(X, Y)": 50,
    "for e in range(2):\n    for s in range(70):\n        update(X, Y)": 140,
    "for e in range(3):\n    for s in range(70):\n        update(X, Y)\n        if s == 40:\n"
    "            raise SystemExit": 210,
    "step = 0\nwhile step < 60:\n    update(X, Y)\n    step += 1": None,
}


@pytest.mark.parametrize(("loop", "expected"), LOOPS.items())
def test_updates_are_counted_from_the_loops(loop: str, expected: int | None, tmp_path: Path) -> None:
    script = tmp_path / "net.py"
    script.write_text(HEAD + loop + "\n")
    assert iterations(script.read_text(), infer(watch(script).recording)) == expected
