"""A right script with one line made wrong: that line is found, and corrected to what it was."""

import textwrap
from pathlib import Path

import pytest

from backproof.doctor.correct import corrections
from backproof.doctor.diagnose import diagnose_steps
from backproof.doctor.diagnosis import Correction
from backproof.doctor.infer import infer
from watching import record

ROWS = """
    import numpy as np
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(12, 3)), rng.uniform(0.1, 0.9, (12, 2))
    m = len(X)
    W1, b1 = rng.normal(size=(3, 4)), np.zeros(4)
    W2, b2 = rng.normal(size=(4, 4)), np.zeros(4)
    W3, b3 = rng.normal(size=(4, 2)), np.zeros(2)
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))
    def sigmoid_prime(z):
        return sigmoid(z) * (1 - sigmoid(z))
    for epoch in range(4):
        z1 = X @ W1 + b1
        a1 = sigmoid(z1)
        z2 = a1 @ W2 + b2
        a2 = sigmoid(z2)
        z3 = a2 @ W3 + b3
        a3 = sigmoid(z3)
        loss = np.sum((a3 - Y) ** 2) / m
        d3 = 2 * (a3 - Y) / m * sigmoid_prime(z3)
        d2 = (d3 @ W3.T) * sigmoid_prime(z2)
        d1 = (d2 @ W2.T) * sigmoid_prime(z1)
        dW3 = a2.T @ d3
        dW2 = a1.T @ d2
        dW1 = X.T @ d1
        db3 = d3.sum(axis=0)
        db2 = d2.sum(axis=0)
        db1 = d1.sum(axis=0)
        W3 -= 0.5 * dW3
        W2 -= 0.5 * dW2
        W1 -= 0.5 * dW1
        b3 -= 0.5 * db3
        b2 -= 0.5 * db2
        b1 -= 0.5 * db1
"""

COLUMNS = """
    import numpy as np
    np.random.seed(1)
    X, Y = np.random.randn(2, 15), np.random.randn(1, 15)
    p = {"W1": np.random.randn(5, 2), "b1": np.zeros((5, 1)), "W2": np.random.randn(1, 5), "b2": np.zeros((1, 1))}
    def forward(X, p):
        Z1 = np.dot(p["W1"], X) + p["b1"]
        A1 = np.tanh(Z1)
        return np.dot(p["W2"], A1) + p["b2"], {"Z1": Z1, "A1": A1}
    def backward(out, cache, p):
        m = X.shape[1]
        error = Y - out
        delta = np.dot(p["W2"].T, error) * (1 - np.power(cache["A1"], 2))
        g = {}
        g["W2"] = np.dot(error, cache["A1"].T) / m
        g["b2"] = np.sum(error, axis=1, keepdims=True) / m
        g["W1"] = np.dot(delta, X.T) / m
        g["b1"] = np.sum(delta, axis=1, keepdims=True) / m
        return g
    for i in range(4):
        out, cache = forward(X, p)
        cost = np.sum((out - Y) ** 2) / (2 * X.shape[1])
        g = backward(out, cache, p)
        for k in p:
            p[k] = p[k] + 0.1 * g[k]
"""

LAYERS = """
    import numpy as np
    rng = np.random.RandomState(3)
    X, Y = rng.randn(10, 3), rng.randn(10, 2)
    class Dense:
        def __init__(self, n, k):
            self.W, self.b = rng.randn(n, k), np.zeros((1, k))
        def forward(self, x):
            self.x = x
            return x @ self.W + self.b
        def backward(self, grad):
            self.dW = self.x.T @ grad
            self.db = grad.sum(axis=0, keepdims=True)
            return grad @ self.W.T
        def update(self):
            self.W = self.W - 0.05 * self.dW
            self.b = self.b - 0.05 * self.db
    class Tanh:
        def forward(self, x):
            self.x = x
            self.out = np.tanh(x)
            return self.out
        def backward(self, grad):
            return grad * (1 - self.out ** 2)
        def update(self):
            pass
    net = [Dense(3, 4), Tanh(), Dense(4, 4), Tanh(), Dense(4, 2)]
    for epoch in range(4):
        a = X
        for layer in net:
            a = layer.forward(a)
        loss = 0.5 * np.sum((a - Y) ** 2)
        grad = a - Y
        for layer in reversed(net):
            grad = layer.backward(grad)
        for layer in net:
            layer.update()
"""

SAMPLES = """
    import numpy as np
    rng = np.random.default_rng(5)
    X, T = rng.normal(size=(9, 3)), rng.uniform(0.2, 0.8, (9, 2))
    V, W = rng.normal(size=(4, 3)), rng.normal(size=(2, 4))
    eta = 0.3
    for epoch in range(2):
        for x, t in zip(X, T):
            h = 1 / (1 + np.exp(-np.dot(V, x)))
            o = 1 / (1 + np.exp(-np.dot(W, h)))
            E = 0.5 * np.sum((t - o) ** 2)
            d_o = (t - o) * o * (1 - o)
            d_h = np.dot(W.T, d_o) * h * (1 - h)
            W = W + eta * np.outer(d_o, h)
            V = V + eta * np.outer(d_h, x)
"""

CASES = [
    (ROWS, "d3 = 2 * (a3 - Y) / m * sigmoid_prime(z3)", "d3 = 2 * (a3 - Y) / m"),
    (ROWS, "d2 = (d3 @ W3.T) * sigmoid_prime(z2)", "d2 = (d3 @ W3.T) * sigmoid_prime(a2)"),
    (ROWS, "d1 = (d2 @ W2.T) * sigmoid_prime(z1)", "d1 = (d2 @ W2) * sigmoid_prime(z1)"),
    (ROWS, "dW2 = a1.T @ d2", "dW2 = z1.T @ d2"),
    (ROWS, "db2 = d2.sum(axis=0)", "db2 = d2.sum()"),
    (COLUMNS, 'g["W2"] = np.dot(error, cache["A1"].T) / m', 'g["W2"] = np.dot(error, cache["Z1"].T) / m'),
    (COLUMNS, 'g["b1"] = np.sum(delta, axis=1, keepdims=True) / m', 'g["b1"] = np.sum(delta) / m'),
    (ROWS, "dW2 = a1.T @ d2", "dW2 = a1.T @ d2 / m"),
    (LAYERS, "return grad * (1 - self.out ** 2)", "return grad * (1 - self.x ** 2)"),
    (LAYERS, "self.db = grad.sum(axis=0, keepdims=True)", "self.db = grad.mean(axis=0, keepdims=True)"),
    (SAMPLES, "d_h = np.dot(W.T, d_o) * h * (1 - h)", "d_h = np.dot(W.T, d_o) * h"),
]


def corrected(source: str, tmp_path: Path) -> tuple[Correction, ...]:
    (tmp_path / "net.py").write_text(textwrap.dedent(source))
    reading = infer(record(source, tmp_path))
    diagnosis = diagnose_steps(reading.spec, reading.steps, reading.sources)
    assert diagnosis.named is not None
    return corrections(reading, diagnosis.named, tmp_path)


@pytest.mark.parametrize(("script", "right", "wrong"), CASES, ids=[wrong for *_, wrong in CASES])
def test_a_wrong_line_is_found_and_corrected(script: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert right in script
    source = script.replace(right, wrong)
    line = (
        textwrap.dedent(source)
        .splitlines()
        .index(next(s for s in textwrap.dedent(source).splitlines() if wrong in s))
    )
    (one,) = corrected(source, tmp_path)
    assert (one.file, one.line, one.written, one.corrected) == ("net.py", line + 1, wrong, right)


def test_an_alias_becomes_a_copy(tmp_path: Path) -> None:
    source = ROWS.replace("d3 = 2", "W3_old = W3\n        d3 = 2").replace(
        "d2 = (d3 @ W3.T)", "W3 -= 0.5 * (a2.T @ d3)\n        d2 = (d3 @ W3_old.T)"
    )
    source = source.replace("        W3 -= 0.5 * dW3\n", "")
    (one,) = corrected(source, tmp_path)
    assert (one.written, one.corrected) == ("W3_old = W3", "W3_old = W3.copy()")


def test_entry_by_entry(tmp_path: Path) -> None:
    source = """
        import math
        import numpy as np
        rng = np.random.RandomState(2)
        X, Y = rng.uniform(-1, 1, (6, 2)), rng.uniform(0.1, 0.9, (6, 2))
        V, W = rng.uniform(-1, 1, (3, 2)), rng.uniform(-1, 1, (2, 3))
        for epoch in range(3):
            for x, y in zip(X, Y):
                h = [1 / (1 + math.exp(-sum(V[j][i] * x[i] for i in range(2)))) for j in range(3)]
                o = [1 / (1 + math.exp(-sum(W[k][j] * h[j] for j in range(3)))) for k in range(2)]
                C = 0.5 * sum((o[k] - y[k]) ** 2 for k in range(2))
                d = [(o[k] - y[k]) * o[k] * (1 - o[k]) for k in range(2)]
                e = [0.0, 0.0, 0.0]
                for j in range(3):
                    back = sum(d[k] * W[k][j] for k in range(2))
                    e[j] = back
                for k in range(2):
                    for j in range(3):
                        W[k][j] -= 0.4 * d[k] * h[j]
                for j in range(3):
                    for i in range(2):
                        V[j][i] -= 0.4 * e[j] * x[i]
    """
    (one,) = corrected(source, tmp_path)
    assert (one.written, one.corrected) == ("e[j] = back", "e[j] = back * h[j] * (1 - h[j])")


def test_what_no_edit_of_one_line_puts_right_is_located_only(tmp_path: Path) -> None:
    source = ROWS.replace("        W3 -= 0.5 * dW3\n", "").replace(
        "        d2 = (", "        W3 -= 0.5 * (a2.T @ d3)\n        d2 = ("
    )
    (one,) = corrected(source, tmp_path)
    assert (one.written, one.corrected) == ("d2 = (d3 @ W3.T) * sigmoid_prime(z2)", None)


def test_without_the_file_nothing_is_said(tmp_path: Path) -> None:
    source = ROWS.replace("dW2 = a1.T @ d2", "dW2 = z1.T @ d2")
    reading = infer(record(source, tmp_path))
    diagnosis = diagnose_steps(reading.spec, reading.steps, reading.sources)
    assert diagnosis.named is not None
    assert corrections(reading, diagnosis.named, tmp_path / "elsewhere") == ()
