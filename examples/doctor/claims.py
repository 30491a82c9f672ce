"""Every claim made about the five networks, measured: true, false, or true under a condition.

    python examples/doctor/claims.py

prints the tables of README.md. A claim is a function that measures it and returns what it found, in words, and
whether that bears the claim out. The trainings are those of `in_numpy.py` in the folders beside this one, which
the tests hold to the reference; where the claim is about frameworks, all implementations installed are asked.
"""

import runpy
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from backproof import ModelSpec, Network, implementation, read_spec
from backproof.files import read_data
from backproof.gradcheck import index_by_index

EXAMPLES = Path(__file__).resolve().parents[1]

NETWORKS = {
    "all_ones": "1. All weights one",
    "two_layers_no_bias": "2. Two layers without bias",
    "saturated_unit": "3. One saturated unit, and 1-1-1",
    "rows_or_columns": "4. Rows or columns",
    "index_by_index": "5. Index by index",
}

TRUE, FALSE, SGD_ONLY = "true", "false", "true for plain SGD only"


class Claim(NamedTuple):
    """Something that was said, the answer, and the function that measures it: the words, and whether they hold."""

    network: str
    said: str
    answer: str
    measure: Callable[[], tuple[str, bool]]


CLAIMS: list[Claim] = []


def claim(network: str, said: str, answer: str) -> Callable[[Any], Any]:
    """Add a claim. `measure` returns whether the measurement bears the answer out, be that true or false."""

    def add(measure: Callable[[], tuple[str, bool]]) -> Callable[[], tuple[str, bool]]:
        CLAIMS.append(Claim(network, said, answer, measure))
        return measure

    return add


@cache
def script(folder: str) -> dict[str, Any]:
    """What `in_numpy.py` of a folder defines."""
    return runpy.run_path(str(EXAMPLES / folder / "in_numpy.py"))


@cache
def figures(folder: str) -> dict[str, Any]:
    """The figures of a folder."""
    return script(folder)["figures"]()


@cache
def measured(folder: str) -> dict[str, Any]:
    """What was measured of the claims about a folder."""
    return script(folder)["claims"]()


@cache
def gradients(folder: str, suffix: str = "", data: str = "json", first: int | None = None) -> dict[str, Any]:
    """The first gradients of a folder's spec, by implementation."""
    spec = read_spec(EXAMPLES / folder / f"spec{suffix}.json")
    x, y = (array[:first] for array in read_data(EXAMPLES / folder / f"data{suffix}.{data}")[:2])
    return {name: implementation.load(name).build(spec).step(x, y).gradients for name in implementation.names()}


def apart(found: dict[str, Any], right: dict[str, Any]) -> float:
    """The largest difference between two sets of tensors, relative to the largest entry of each."""
    return max(float(np.abs(found[name] - right[name]).max() / np.abs(right[name]).max()) for name in right)


def within(value: float) -> str:
    """A difference that is rounding, by its order of magnitude: its digits are those of the machine."""
    return "at most 1e-13" if value <= 1e-13 else f"{value:.0e}"


def cost_of(outputs: np.ndarray) -> float:
    """The cost of network 1."""
    return float(np.sum((outputs - script("all_ones")["y"]) ** 2))


# 1. All weights one


@claim("all_ones", "Something is wrong with these gradients", FALSE)
def gradients_of_all_ones() -> tuple[str, bool]:
    """Against the reference and the frameworks."""
    found = gradients("all_ones")
    worst = max(apart(found[name], found["numpy"]) for name in found)
    own = figures("all_ones")["dC/dW3"]
    off = np.abs(own[1:] - found["numpy"]["output.weight"]).max()
    return (
        f"the reference, PyTorch, JAX and TensorFlow give the same gradients ({within(worst)} apart), "
        f"and the asker's are theirs",
        worst < 1e-13 and off < 1e-15,
    )


@claim("all_ones", "It fails because all weights start equal", FALSE)
def symmetry() -> tuple[str, bool]:
    """The same run for longer, and the same with its symmetry broken."""
    values = figures("all_ones") | measured("all_ones")
    later = values["outputs, rate 0.5, 10000 iterations"]
    broken = values["outputs, symmetry broken, 1000 iterations"]
    return (
        f"the units stay equal for ever (spread {values['spread of the equal units']:.0f}), and the very same run "
        f"reaches ({later[0, 0]:.4f}, {later[0, 1]:.4f}), ({later[1, 0]:.4f}, {later[1, 1]:.4f}) after 10,000 "
        f"iterations; with the weights disturbed by 10 % it is at ({broken[0, 0]:.2f}, {broken[0, 1]:.2f}), "
        f"({broken[1, 0]:.2f}, {broken[1, 1]:.2f}) after 1000 all the same",
        cost_of(later) < 0.01 and cost_of(broken) > 0.39,
    )


@claim("all_ones", "It is stuck for good", FALSE)
def plateau() -> tuple[str, bool]:
    """The cost along the run, and at a higher rate."""
    values = figures("all_ones")
    slope = values["sigma'(z3)"]
    costs = [cost_of(values[f"outputs, rate 0.5, {n} iterations"]) for n in (1000, 5000, 10000)]
    fast = cost_of(values["outputs, rate 3, 1000 iterations"])
    return (
        f"it starts saturated (σ′ = {slope[0, 0]:.4f} and {slope[1, 0]:.4f} of at most 0.25) and sits on a "
        f"plateau, the column means (0.6, 0.2): C is {costs[0]:.3f} after 1000 iterations, {costs[1]:.3f} after "
        f"5000 and {costs[2]:.4f} after 10,000; at rate 3 it is {fast:.4f} after 1000",
        costs[0] > 0.39 and costs[1] > 0.35 and costs[2] < 0.001 and fast < 0.001,
    )


@claim("all_ones", "The outputs printed after 1000 iterations belong to these weights", TRUE)
def rate_of_all_ones() -> tuple[str, bool]:
    """The rate was not published."""
    values = measured("all_ones")
    miss, best = values["miss at rate 0.5"], values["best rate"]
    fields = read_spec(EXAMPLES / "all_ones" / "spec.json").model_dump(mode="json")
    data = read_data(EXAMPLES / "all_ones" / "data.json")[:2]
    updates = []
    for reduction, rate in [("sum", 0.5), ("batch_mean", 1.0)]:
        changed = {
            "loss": fields["loss"] | {"reduction": reduction},
            "optimizer": {"type": "sgd", "learning_rate": rate},
        }
        updates.append(
            implementation.load("numpy").build(ModelSpec.model_validate(fields | changed)).step(*data).updates
        )
    off = apart(*updates)
    return (
        f"rate 0.5 reproduces all four to {miss:.1e} (the best fit is {best:.4f}); the mean over the two "
        f"observations at rate 1 makes the same updates ({within(off)} apart)",
        miss < 3e-7 and abs(best - 0.5) < 1e-3 and off < 1e-13,
    )


# 2. Two layers without bias


@claim("two_layers_no_bias", "`weight += a.T @ dC_dw` trains the network", TRUE)
def plus() -> tuple[str, bool]:
    """Against the descent of the reference."""
    values = figures("two_layers_no_bias")
    outputs = values["outputs as asked"].ravel()
    same = values["difference of the two trainings"]
    return (
        f"outputs {', '.join(f'{a:.4f}' for a in outputs)} for targets 0, 1, 1, 0 after 1000 iterations; "
        f"`weight -= a.T @ δ` gives the same weights ({within(float(same))} apart)",
        float(np.abs(outputs - [0, 1, 1, 0]).max()) < 0.1 and same < 1e-12,
    )


@claim("two_layers_no_bias", "The arrays called `dC_dw` are the gradients of the weights", FALSE)
def names() -> tuple[str, bool]:
    """Against δ, the gradient with respect to z."""
    values = figures("two_layers_no_bias")
    pairs = [("dC_dw1 as asked", "delta1"), ("dC_dw2 as asked", "delta2")]
    off = max(float(np.abs(values[own] + values[delta]).max()) for own, delta in pairs)
    shapes = [f"{values[own].shape} for a weight of {values[w].shape}" for own, w in
              [("dC_dw1 as asked", "weight1"), ("dC_dw2 as asked", "weight2")]]  # fmt: skip
    return (
        f"they are −δ, the negated gradient of ½Σ(a − y)² with respect to z ({within(off)} off), one row per "
        f"observation: {shapes[0]}, {shapes[1]}; the gradient is a.T @ δ, and the plus is two minus signs",
        off < 1e-15,
    )


@claim("two_layers_no_bias", "`weight -= rate * dC_dw`, as in the textbook, should work as well", FALSE)
def minus() -> tuple[str, bool]:
    """With these arrays, as they are and with the transpose."""
    own = script("two_layers_no_bias")
    x, y = own["x"], own["y"]
    weight1, weight2 = own["initial"]()
    first = None
    for _ in range(1000):
        a1, a2 = own["forward"](weight1, weight2)
        first = first if first is not None else float(np.sum((a2 - y) ** 2) / 2)
        dC_dw1, dC_dw2 = own["as_asked"](a1, a2, weight2)
        weight2, weight1 = weight2 - a1.T @ dC_dw2, weight1 - x.T @ dC_dw1
    last = float(np.sum((a2 - y) ** 2) / 2)
    fits = dC_dw1.shape == weight1.shape
    return (
        f"with these names, {dC_dw1.shape} cannot be subtracted from {weight1.shape}; with the transpose it "
        f"climbs, ½Σ(a − y)² from {first:.3f} to {last:.3f} in 1000 iterations",
        not fits and first is not None and last > first,
    )


# 3. One saturated unit, and the 1-1-1 network


@claim("saturated_unit", "The cost is 1 and the gradient is 0", FALSE)
def gradient_of_saturated() -> tuple[str, bool]:
    """The two ways to write σ′."""
    values = figures("saturated_unit")
    right, rounded = values["dC/dw from sigma(z) sigma(-z)"], values["dC/dw from a (1 - a)"]
    return (
        f"it is {right:.2e}, from σ′(50) = σ(50)σ(−50) = {values['sigma(z) sigma(-z)']:.7e}: not zero, and "
        f"useless; a(1 − a) rounds to {rounded:.0f}",
        0 < right < 1e-19 and rounded == 0,
    )


@claim("saturated_unit", "σ(50) is not 1, it rounds to 1", TRUE)
def rounds() -> tuple[str, bool]:
    """In float64."""
    a, away = 1 / (1 + np.exp(-50.0)), 1 / (1 + np.exp(50.0))
    return (
        f"in float64 1/(1 + e⁻⁵⁰) == 1 is {bool(a == 1)}; the distance is σ(−50) = {away:.2e}, and the next "
        f"number below 1 is {1 - np.nextafter(1.0, 0.0):.1e} away",
        bool(a == 1) and away > 0,
    )


@claim("saturated_unit", "The frameworks know better", FALSE)
def frameworks_round_too() -> tuple[str, bool]:
    """dC/dw by autograd."""
    found = {name: float(np.abs(g["unit.weight"]).max()) for name, g in gradients("saturated_unit").items()}
    said = ", ".join(f"{name} {g:.3g}" for name, g in found.items())
    return f"dC/dw: {said}", all((g == 0) == (name != "numpy") for name, g in found.items())


@claim("saturated_unit", "The four formulas for the gradient of the 1-1-1 network", TRUE)
def formulas() -> tuple[str, bool]:
    """Against the reference and the frameworks."""
    found = gradients("saturated_unit", "_1_1_1")
    right = np.concatenate([g.ravel() for g in found["numpy"].values()])
    off = float(np.abs(figures("saturated_unit")["gradient by the given formulas"] - right).max())
    worst = max(apart(g, found["numpy"]) for g in found.values())
    return (
        f"the reference, PyTorch, JAX and TensorFlow give the same four numbers ({within(max(off, worst))} apart)",
        max(off, worst) < 1e-13,
    )


@claim("saturated_unit", "With everything zero f(2) = σ(0·σ(0·2 + 0) + 0) = 0", FALSE)
def zero() -> tuple[str, bool]:
    """The forward pass."""
    f = float(figures("saturated_unit")["f(2), all weights zero"])
    return f"f(2) = σ(0) = {f:g}", f == 0.5


@claim("saturated_unit", "The step is v′ = v + η∇C", FALSE)
def adding() -> tuple[str, bool]:
    """A hundred steps either way."""
    v = figures("saturated_unit")
    before, plus, minus = (
        float(v[f"cost{k}"]) for k in [" before", ", 100 steps adding", ", 100 steps subtracting"]
    )
    return (
        f"that climbs: C goes from {before:.3f} to {plus:.3f} in 100 steps, and with a minus to {minus:.4f}",
        minus < before < plus,
    )


# 4. Rows or columns


@claim("rows_or_columns", "Examples as rows, neurons as columns of W: ∇W = aᵀ∇z, ∇b = column sums of ∇z", TRUE)
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


@claim("rows_or_columns", "The book's columns and the asker's rows are the same calculation", TRUE)
def same() -> tuple[str, bool]:
    """Two trainings from the same weights."""
    values = figures("rows_or_columns")
    off = float(values["difference of rows and columns, 30 epochs"])
    return f"after 30 epochs the weights are {within(off)} apart", off < 1e-12


@claim("rows_or_columns", "The gradient must be averaged over the mini-batch", FALSE)
def averaging() -> tuple[str, bool]:
    """Sums against means, after 30 epochs of SGD and of Adam."""
    values = measured("rows_or_columns")
    sgd, adam = (float(values[f"sum at rate {r}: {k}"]) for r, k in
                 [("0.3 against mean at rate 3", "SGD"), ("0.001 against mean at rate 0.01", "Adam")])  # fmt: skip
    free = float(values["sum at rate 0.01 against mean at rate 0.01: Adam"])
    return (
        f"the sum at a tenth of the rate gives the same weights ({within(sgd)} apart after 30 epochs): averaging "
        f"does no more to plain SGD. Adam does not notice the sum ({within(free)} apart at the same rate), and is "
        f"{adam:.1f} off at a tenth of it; for weight decay and clipping see network 5",
        sgd < 1e-12 and free < 1e-12 and adam > 0.1,
    )


@claim("rows_or_columns", "The book is wrong: 30 epochs cannot reach 90 %", FALSE)
def book() -> tuple[str, bool]:
    """The share of the test quarter."""
    rows, columns = (float(figures("rows_or_columns")[f"accuracy from [-1, 1), {k}"]) for k in ["rows", "columns"])
    return (
        f"{rows:.1f} % of the test quarter of scikit-learn's digits, in rows as in columns ({columns:.1f} %)",
        min(rows, columns) > 90,
    )


@claim("rows_or_columns", "A rate of 3 is 300 times too large", FALSE)
def too_large() -> tuple[str, bool]:
    """The same training at other rates."""
    rates = measured("rows_or_columns")["accuracy at rates 0.01, 0.3, 3, 30, 300"]
    said = ", ".join(
        f"{a:.0f} % at {rate}" for rate, a in zip(["0.01", "0.3", "3", "30", "300"], rates, strict=True)
    )
    return f"after 30 epochs: {said}", bool(rates[2] > 90 > rates[0])


@claim("rows_or_columns", "Weights from [0, 1) get stuck", TRUE)
def positive() -> tuple[str, bool]:
    """Three seeds."""
    values = measured("rows_or_columns")
    runs, long = values["three seeds from [0, 1)"], values["three seeds from [0, 1), 100 epochs"]
    return (
        f"{listed(runs)} % after 30 epochs with three seeds, and {listed(long)} % after 100",
        bool(np.max([runs, long]) < 13),
    )


@claim("rows_or_columns", "Weights from [−1, 1) or [−½, ½) do not", TRUE)
def around_zero() -> tuple[str, bool]:
    """Three seeds each, and ten from the standard normal."""
    values = measured("rows_or_columns")
    wide, narrow = values["three seeds from [-1, 1)"], values["three seeds from [-1/2, 1/2)"]
    normal = values["ten seeds from the standard normal"]
    return (
        f"{listed(wide)} % and {listed(narrow)} % with three seeds each; from the standard normal "
        f"{int((normal > 95).sum())} seeds of ten reach {normal[normal > 95].min():.0f}–{normal.max():.0f} %, and "
        f"{int((normal < 90).sum())} lose one digit ({normal.min():.0f} %)",
        bool(np.min([wide, narrow]) > 95),
    )


@claim("rows_or_columns", "Stop when the norm of the gradient is below a bound: then it has learnt", FALSE)
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


@claim("rows_or_columns", "An overflow must raise, and not pass", TRUE)
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


# 5. Index by index


@claim("index_by_index", "(1) The derivatives with one index per neuron are right", TRUE)
def loops() -> tuple[str, bool]:
    """The loops as written, against the reference and the frameworks."""
    found = gradients("index_by_index")
    spec = read_spec(EXAMPLES / "index_by_index" / "spec.json")
    start = list(Network(spec).initial_state().parameters.values())
    x, y = read_data(EXAMPLES / "index_by_index" / "data.json")[:2]
    weights, biases = index_by_index(start[::2], start[1::2], x, y)
    theirs = [g for pair in zip(weights, biases, strict=True) for g in pair]
    worst = max(
        apart(g, found["numpy"]) for g in [dict(zip(found["numpy"], theirs, strict=True)), *found.values()]
    )
    return (
        f"the loops, the matrices, PyTorch, JAX and TensorFlow give the same gradients ({within(worst)} apart)",
        worst < 1e-13,
    )


@claim("index_by_index", "(2) v′ = v − g, with g the mean of the gᵢ, is the right use of them", TRUE)
def mean() -> tuple[str, bool]:
    """The mean of the loops' gᵢ against the gradient of the mean cost, and one step."""
    values = figures("index_by_index")
    off = float(values["difference of g and the mean of g_i"])
    before, after = float(values["C before"]), float(values["C after v - g"])
    return (
        f"the mean of the gᵢ is the gradient of C ({within(off)} off), and one step takes C from {before:.4f} to "
        f"{after:.4f}",
        off < 1e-15 and after < before,
    )


@claim("index_by_index", "Averaging is unnecessary, it only rescales", SGD_ONLY)
def rescales() -> tuple[str, bool]:
    """Twenty steps of the sum at rate / T against the mean."""
    values = figures("index_by_index")
    off = {
        kind: float(values[f"sum at rate / T against mean: {kind}"]) for kind in ["sgd", "decay", "clip", "adam"]
    }
    return (
        f"sum at rate / T against mean, largest weight difference after 20 steps: SGD {within(off['sgd'])}, with "
        f"weight decay {off['decay']:.2f}, with clipping {off['clip']:.2f}, Adam {off['adam']:.2f}",
        off["sgd"] < 1e-12 and min(off["decay"], off["clip"], off["adam"]) > 0.1,
    )


@claim("index_by_index", "(3) Never scale the step by more than 1, the error will diverge to infinity", FALSE)
def bound() -> tuple[str, bool]:
    """The rate at which descent leaves a minimum, against 2 / λmax of the Hessian there."""
    values = figures("index_by_index")
    bounds = {k: float(values[f"2 / lambda_max, {k}"]) for k in ["2-3-3-2", "3-4-1"]}
    rates = {k: float(values[f"rate of divergence, {k}"]) for k in bounds}
    learnt, far = (float(values[f"network 1, rate {rate}, 1000 iterations: C"]) for rate in [3, 1000])
    edge = float(values["network 1, rate 3: 2 / lambda_max after 5000 iterations"])
    said = " and ".join(f"{rates[k]:.4f} ({k}; 2/λmax is {bounds[k]:.4f})" for k in bounds)
    return (
        f"descent starts to diverge at {said}; network 1 at rate 3 goes to C = {learnt:.4f} in 1000 iterations "
        f"(2/λmax is {edge:.1f} where it settles), and network 4 wants 3. C cannot go to infinity: at rate 1000 "
        f"it is {far:.1f}, since each (a − e)² is at most 1",
        all(abs(rates[k] / bounds[k] - 1) < 1e-5 for k in bounds) and learnt < 0.001 and far < 4,
    )


@claim("index_by_index", "0.001 is a good rate", FALSE)
def small() -> tuple[str, bool]:
    """Network 1, 1000 iterations."""
    values = figures("index_by_index")
    slow, fast = (float(values[f"network 1, rate {rate}, 1000 iterations: C"]) for rate in [0.001, 3])
    start = cost_of(figures("all_ones")["a3"])
    return (
        f"with it network 1 goes from C = {start:.2f} to {slow:.2f} in 1000 iterations, and at rate 3 to {fast:.4f}",
        slow > 0.9 * start and fast < 0.001,
    )


def norm(gradients: tuple[np.ndarray, ...]) -> float:
    """The Euclidean norm of all gradients together."""
    return float(np.sqrt(sum(np.sum(g**2) for g in gradients)))


def listed(shares: np.ndarray) -> str:
    """Shares of a hundred: 97, 97 and 96."""
    *first, last = [f"{share:.0f}" for share in shares]
    return f"{', '.join(first)} and {last}"


def row(one: Claim) -> str:
    """The claim as a line of its network's table."""
    words, holds = one.measure()
    return f"| {one.said} | {one.answer if holds else 'measured otherwise'} | {words} |"


def tables() -> Iterator[str]:
    """Yield the tables of the README, line by line."""
    for folder, title in NETWORKS.items():
        yield from ["", f"### {title}", "", "| Claim | Answer | Measured |", "| --- | --- | --- |"]
        yield from (row(one) for one in CLAIMS if one.network == folder)


if __name__ == "__main__":
    print("\n".join(tables()).lstrip())
