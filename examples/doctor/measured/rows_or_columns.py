"""What was said of network 4, rows or columns."""

import numpy as np

from backproof import Network, read_spec
from backproof.files import read_data
from measured import EXAMPLES, FALSE, TRUE, apart, claims_of, figures, gradients, more_figures, script, within

CLAIMS, claim = claims_of()


@claim("Examples as rows, neurons as columns of W: ∇W = aᵀ∇z, ∇b = column sums of ∇z", TRUE)
def by_rows() -> tuple[str, bool]:
    """A mini-batch of ten, against the reference and the frameworks."""
    found = gradients("rows_or_columns", data="npz", first=10)
    own = script("rows_or_columns")
    spec = read_spec(EXAMPLES / "rows_or_columns" / "spec.json")
    start = Network(spec).initial_state().parameters
    x, y = (array[:10].astype(float) for array in read_data(EXAMPLES / "rows_or_columns" / "data.npz")[:2])
    theirs = dict(zip(start, own["by_rows"](tuple(start.values()), x, y), strict=True))
    worst = max(apart(g, found["numpy"]) for g in [theirs, *found.values()])
    return (
        f"the reference, PyTorch, JAX and TensorFlow give the same for a mini-batch ({within(worst)} apart)",
        worst < 1e-12,
    )


@claim("The book's columns and the asker's rows are the same calculation", TRUE)
def same() -> tuple[str, bool]:
    """Two trainings from the same weights."""
    values = figures("rows_or_columns")
    off = float(values["difference of rows and columns, 30 epochs"])
    return f"after 30 epochs the weights are {within(off)} apart", off < 1e-12


@claim("The gradient must be averaged over the mini-batch", FALSE)
def averaging() -> tuple[str, bool]:
    """Sums against means, after 30 epochs of SGD and of Adam."""
    values = more_figures("rows_or_columns")
    sgd, adam = (float(values[f"sum at rate {r}: {k}"]) for r, k in
                 [("0.3 against mean at rate 3", "SGD"), ("0.001 against mean at rate 0.01", "Adam")])  # fmt: skip
    free = float(values["sum at rate 0.01 against mean at rate 0.01: Adam"])
    return (
        f"the sum at a tenth of the rate gives the same weights ({within(sgd)} apart after 30 epochs): averaging "
        f"does no more to plain SGD. Adam does not notice the sum ({within(free)} apart at the same rate), and is "
        f"{adam:.1f} off at a tenth of it; for weight decay and clipping see network 5",
        sgd < 1e-12 and free < 1e-12 and adam > 0.1,
    )


@claim("The book is wrong: 30 epochs cannot reach 90 %", FALSE)
def book() -> tuple[str, bool]:
    """The share of the test quarter."""
    rows, columns = (float(figures("rows_or_columns")[f"accuracy from [-1, 1), {k}"]) for k in ["rows", "columns"])
    return (
        f"{rows:.1f} % of the test quarter of scikit-learn's digits, in rows as in columns ({columns:.1f} %)",
        min(rows, columns) > 90,
    )


@claim("A rate of 3 is 300 times too large", FALSE)
def too_large() -> tuple[str, bool]:
    """The same training at other rates."""
    rates = more_figures("rows_or_columns")["accuracy at rates 0.01, 0.3, 3, 30, 300"]
    said = ", ".join(
        f"{a:.0f} % at {rate}" for rate, a in zip(["0.01", "0.3", "3", "30", "300"], rates, strict=True)
    )
    return f"after 30 epochs: {said}", bool(rates[2] > 90 > rates[0])


@claim("Weights from [0, 1) get stuck", TRUE)
def positive() -> tuple[str, bool]:
    """Three seeds."""
    values = more_figures("rows_or_columns")
    runs, long = values["three seeds from [0, 1)"], values["three seeds from [0, 1), 100 epochs"]
    return (
        f"{listed(runs)} % after 30 epochs with three seeds, and {listed(long)} % after 100",
        bool(np.max([runs, long]) < 13),
    )


@claim("Weights from [−1, 1) or [−½, ½) do not", TRUE)
def around_zero() -> tuple[str, bool]:
    """Three seeds each, and ten from the standard normal."""
    values = more_figures("rows_or_columns")
    wide, narrow = values["three seeds from [-1, 1)"], values["three seeds from [-1/2, 1/2)"]
    normal = values["ten seeds from the standard normal"]
    return (
        f"{listed(wide)} % and {listed(narrow)} % with three seeds each; from the standard normal "
        f"{int((normal > 95).sum())} seeds of ten reach {normal[normal > 95].min():.0f}–{normal.max():.0f} %, and "
        f"{int((normal < 90).sum())} lose one digit ({normal.min():.0f} %)",
        bool(np.min([wide, narrow]) > 95),
    )


@claim("Stop when the norm of the gradient is below a bound: then it has learnt", FALSE)
def stopping() -> tuple[str, bool]:
    """The norm over the training data before and after, stuck and not."""
    own = script("rows_or_columns")
    found = {}
    for name, low in [("stuck", 0), ("learnt", -1)]:
        p = own["initial"](low, 1)
        start = norm(own["by_rows"](p, own["x"], own["y"]))
        p = own["train"](p, own["by_rows"], own["order"](epochs=5))
        found[name] = start, norm(own["by_rows"](p, own["x"], own["y"])), float(own["accuracy"](*p))
    (_, stuck, share), (_, learnt, right) = found["stuck"], found["learnt"]
    return (
        f"after 5 epochs it is {stuck:.0e} from [0, 1), at {share:.0f} % right, and {learnt:.0e} from [−1, 1), at "
        f"{right:.0f} %: the smaller one is stuck. Time and epochs say no more; look at the share that is right",
        stuck < learnt / 10 and right > 90 > share,
    )


@claim("An overflow must raise, and not pass", TRUE)
def overflow() -> tuple[str, bool]:
    """Both settings of NumPy, for σ(−800)."""
    with np.errstate(over="ignore"):
        passed = float(1 / (1 + np.exp(800.0)))
    raised = False
    try:
        with np.errstate(over="raise"):
            np.exp(800.0)
    except FloatingPointError:
        raised = True
    return (
        f"NumPy only warns and goes on: e⁸⁰⁰ is inf and σ(−800) {passed:g}; with "
        f'`np.seterr(over="raise")` it {"raises FloatingPointError" if raised else "goes on"}',
        passed == 0 and raised,
    )


def norm(gradients: tuple[np.ndarray, ...]) -> float:
    """The Euclidean norm of all gradients together."""
    return float(np.sqrt(sum(np.sum(g**2) for g in gradients)))


def listed(shares: np.ndarray) -> str:
    """Shares of a hundred: 97, 97 and 96."""
    *first, last = [f"{share:.0f}" for share in shares]
    return f"{', '.join(first)} and {last}"
