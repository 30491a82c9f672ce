"""The worked calculation: its numbers are the record's, and its formulas are true."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backproof import ModelSpec, Network
from backproof.check import random_batches
from backproof.fuzz.draw import part, pick
from backproof.fuzz.network import structure
from backproof.layers import LAYERS, Elementwise
from backproof.layers.dense import Dense
from backproof.layers.softmax import LogSoftmax, Softmax
from backproof.losses import LOSSES
from backproof.optimizers import OPTIMIZERS
from backproof.parameters import to_augmented
from backproof.step import StepRecord
from backproof.trace import Calculation, Convention, Line, trace
from backproof.trace.calculation import CONVENTIONS
from backproof.trace.formats import markdown
from backproof.trace.lines import Entry
from backproof.trace.textbook import first
from published import ALL_ONES, Figure, beyond
from traced import DENSE, all_ones, on_terminal, spec_of

Array = NDArray[Any]

FUZZED = 40


# Network 1, as its asker wrote it

SYMBOLS = {
    "z1": "Z¹",
    "a1": "A¹",
    "a2": "A²",
    "a3": "A³",
    "dC/da3": "∂C/∂A³",
    "sigma'(z3)": "σ′(Z³)",
    "delta3": "δ³",
    "dC/dW3": "∂C/∂W³",
}


def printed(text: str, symbol: str) -> list[list[str]]:
    """The table under a symbol, as it was printed on the terminal."""
    found = re.search(
        rf"^{re.escape(symbol)} = .*\n(?: {{4}}[^-0-9 ].*\n)*((?: {{4}}[-0-9. ]+\n)+)", text, re.MULTILINE
    )
    assert found is not None, symbol
    return [line.split() for line in found[1].splitlines()]


@pytest.mark.parametrize("figure", [f for f in ALL_ONES if f.key in SYMBOLS], ids=lambda f: f"{f.key}-{f.source}")
def test_network_1_is_printed_as_it_was_published(figure: Figure) -> None:
    calculation, symbol = all_ones("augmented"), SYMBOLS[figure.key]
    published: NDArray[Any] = np.array(figure.printed, dtype=object)
    if figure.misses:  # published from a rounded third activation
        (line,) = [one for one in calculation.steps[0].lines() if one.formula.startswith(f"{symbol} = ")]
        assert f"{beyond(figure, line.values)[0]:.1e}" == f"{float(figure.misses):.1e}"
        return
    digits = {len(number.partition(".")[2]) for number in published.flat if number is not None}
    tables = {n: np.array(printed(on_terminal(calculation, precision=n), symbol)) for n in digits}
    assert {table.shape for table in tables.values()} == {published.shape}
    for place, number in np.ndenumerate(published):
        if number is not None:
            assert float(tables[len(number.partition(".")[2])][place]) == float(number)


def test_network_1_comes_in_the_order_of_its_asker() -> None:
    lines = [line.symbol for line in all_ones("augmented").steps[0].lines()]
    order = ["[1 X]", "Z¹", "A¹", "[1 A¹]", "Z²", "A²", "[1 A²]", "Z³", "A³", "ℓ", "C", "∂C/∂A³", "σ′(Z³)", "δ³"]
    start = lines.index("[1 X]")
    assert lines[start : start + len(order) + 1] == [*order, "∂C/∂W³"]
    shapes = {line.symbol: line.shape for line in all_ones("augmented").steps[0].lines()}
    assert [shapes[W] for W in ("W¹", "W²", "W³", "∂C/∂W³")] == [(3, 3), (4, 3), (4, 2), (4, 2)]


# The numbers are those of the record


def records(spec: ModelSpec, steps: int, size: int = 2) -> Iterator[StepRecord]:
    """The steps that are traced where no data is given, run by the network itself."""
    network = Network(spec)
    state = network.initial_state()
    for batch in random_batches(spec, size, steps):
        with np.errstate(all="ignore"):
            record = network.step(state, *batch)
        yield record
        state = record.state()


def tensors(record: StepRecord) -> dict[str, Array]:
    return {label: values for phase, label, values in record.tensors() if phase != "inference"}


def split_label(label: str) -> tuple[str, str]:
    """What stands before the name of a parameter, and the name: "Δ ", "velocity of "."""
    before, space, name = label.rpartition(" ")
    return before + space, name


def expected(spec: ModelSpec, line: Line, record: StepRecord, convention: str) -> Array:
    """What a line should show: the record's tensor, turned as the convention says."""
    found, (before, name) = tensors(record), split_label(line.tensor)
    dense = {path: shape for path, layer, shape in spec.walk if isinstance(layer, Dense)}
    path, _, own = name.rpartition(".")
    if convention == "augmented" and own == "augmented":
        return to_augmented({n: found[before + n] for n in (f"{path}.bias", f"{path}.weight")})[path]
    values = found[line.tensor]
    if line.name.startswith("output of "):
        name, path = line.tensor, ""
    if name in spec.parameters:
        turned = len(dense.get(path, ())) == 1 and convention in ("column", "index")
        if turned and own == "bias":
            return values[:, None] if convention == "column" else values
        return values.T if turned else values
    if line.observation is not None:
        return values[line.observation - 1]
    rows = values.ndim == 2 and name not in spec.buffers
    return values.T if rows and convention == "column" else values


def complete(spec: ModelSpec, calculation: Calculation, convention: str) -> None:
    """Assert that a calculation shows just what was recorded."""
    for step, record in zip(calculation.steps, records(spec, len(calculation.steps)), strict=True):
        shown = set()
        for line in step.lines():
            if not line.tensor:
                continue
            np.testing.assert_array_equal(line.values, expected(spec, line, record, convention), line.name)
            before, name = split_label(line.tensor)
            path, _, own = name.rpartition(".")
            shown |= {f"{before}{path}.{n}" for n in ("weight", "bias")} if own == "augmented" else {line.tensor}
        blocks = {path for path, layer, _ in spec.walk if layer.kind == "sequence"}  # their last layer's output
        assert set(tensors(record)) - shown - blocks == set()


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_dense_network_shows_its_record_in_every_convention(convention: Convention) -> None:
    calculation = trace(DENSE, steps=3, convention=convention)
    complete(DENSE, calculation, convention)
    W = next(line for line in calculation.steps[0].lines() if line.name.startswith("initial hidden"))
    assert W.shape == {"row": (3, 5), "column": (5, 3), "augmented": (4, 5), "index": (5, 3)}[convention]


def plain_network(number: int) -> ModelSpec:
    """A random network of dense layers, activations and softmax, with a random loss and optimizer."""
    rng = np.random.default_rng([7, number])
    activations = [kind for kind in LAYERS.values() if issubclass(kind, (Elementwise, Softmax, LogSoftmax))]
    while True:
        layers: list[Any] = []
        for _ in range(int(rng.integers(1, 4))):
            layers += [part(rng, kind) for kind in (Dense, pick(rng, activations))[: int(rng.integers(1, 3))]]
        fields: dict[str, Any] = {"input_shape": (4,), "layers": tuple(layers)}
        for name, kinds in (("loss", LOSSES), ("optimizer", OPTIMIZERS)):
            fields[name] = part(rng, pick(rng, list(kinds.values())))
        try:
            return ModelSpec(**fields)
        except ValueError:
            continue


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_random_networks_show_their_records(convention: Convention) -> None:
    for number in range(FUZZED):
        for spec in (structure(5, number), plain_network(number)):
            complete(spec, trace(spec, steps=2, convention=convention), convention)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_what_is_printed_is_what_was_recorded(convention: Convention) -> None:
    for spec in (DENSE, *(plain_network(number) for number in range(8))):
        calculation = trace(spec, convention=convention)
        blocks = markdown.render(calculation, precision=17).split("```\n")[1::2]
        lines = list(calculation.steps[0].lines())
        assert len(blocks) >= len(lines)
        for line, block in zip(reversed(lines), reversed(blocks), strict=False):
            rows = [row for row in block.splitlines() if not row.startswith("column") and "=" not in row]
            if line.values.ndim == 2 and "columns" not in block and "first" not in block:
                found = np.array([[float(n) for n in row.split()] for row in rows])
                np.testing.assert_allclose(found.reshape(line.shape), line.values, rtol=1e-15, atol=1e-17)
            elif line.entries and line.values.ndim < 2:
                found = np.array([float(row.rpartition(" = ")[2]) for row in block.splitlines()])
                np.testing.assert_allclose(found, line.values, rtol=1e-15, atol=1e-17)


def evaluated(entry: Entry) -> float:
    """What the terms of a sum come to."""
    functions: dict[str, Any] = {"tanh(": "np.tanh("}
    text = "".join(functions.get(t, t) if isinstance(t, str) else f"({t!r})" for t in entry.terms)
    return float(eval(text.replace("·", "*"), {"np": np}))


def test_the_sums_with_indices_come_out() -> None:
    lines = list(trace(DENSE, convention="index").steps[0].lines())
    entries = [entry for line in lines for entry in line.entries if "leaky_relu(" not in entry.terms]
    assert len(entries) > 60
    for entry in entries:
        assert evaluated(entry) == pytest.approx(entry.value, rel=1e-12, abs=1e-15)
    symbols = {entry.symbol for entry in entries}
    assert {"z¹₁", "a¹₅", "δ²₄", "∂C/∂a²₄", "∂C/∂w³₂₄", "∂C/∂b³₁"} <= symbols


def test_the_second_step_starts_where_the_first_has_ended() -> None:
    first_step, second = trace(DENSE, steps=2).steps
    new = {line.tensor: line.values for line in first_step.lines() if line.formula.startswith("new W")}
    assert not any(line.name.startswith("initial") for line in second.lines())
    x = random_batches(DENSE, 2, 2)[1].x
    z = next(line for line in second.lines() if line.tensor == "hidden").values
    bias = next(line.values for line in first_step.lines() if line.tensor == "hidden.bias")
    np.testing.assert_array_equal(z, x @ new["hidden.weight"] + bias)


# The formulas are true

LANGUAGE = {"−": "-", " ⊙ ": " * ", "²": "**2", "2 (": "2*(", "log cosh(": "log_cosh(", "σ": "sigmoid"}


def computed(formula: str, names: dict[str, Any]) -> Any:
    """The value of a formula, once its symbols are Python's."""
    for before, after in LANGUAGE.items():
        formula = formula.replace(before, after)
    formula = re.sub(r"\|([^|]+)\|", r"abs(\1)", formula)
    functions = {name: getattr(np, name) for name in ("log", "exp", "sign", "tanh", "abs")}
    functions |= {"log_cosh": lambda r: np.log(np.cosh(r)), "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    return eval(formula, functions | names)


@pytest.mark.parametrize(
    "loss",
    ["squared_error", "absolute_error", "log_cosh", "binary_cross_entropy", "binary_cross_entropy_with_logits"],
)
def test_textbook_losses_say_what_is_computed(loss: str) -> None:
    spec = spec_of({"type": "dense", "units": 2}, {"type": "sigmoid"}, loss={"type": loss, "reduction": "sum"})
    lines = {line.symbol: line for line in trace(spec).steps[0].lines()}
    a, y = lines["A¹"].values, lines["Y"].values
    for symbol in ("ℓ", "∂C/∂A¹"):
        right = lines[symbol].formula.partition(" = ")[2]
        value = computed(right.replace("A¹", "a").replace("Y", "y"), {"a": a, "y": y})
        np.testing.assert_allclose(value, lines[symbol].values, rtol=1e-12)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_textbook_slopes_say_what_is_computed(activation: str) -> None:
    spec = spec_of({"type": "dense", "units": 2}, {"type": activation})
    lines = list(trace(spec).steps[0].lines())
    (slope,) = [line for line in lines if line.name.startswith("slope")]
    (a,) = [line.values for line in lines if line.symbol == "A¹"]
    right = slope.formula.partition(" = ")[2].replace("A¹", "a")
    np.testing.assert_allclose(computed(right, {"a": a}), slope.values, rtol=1e-12)


def test_cross_entropy_and_its_scale() -> None:
    spec = spec_of(
        {"type": "dense", "units": 3}, loss={"type": "cross_entropy", "factor": 0.5, "reduction": "batch_mean"}
    )
    lines = {line.symbol: line for line in trace(spec).steps[0].lines()}
    z, y = lines["Z¹"].values, lines["y"].values
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert lines["ℓ"].formula == "ℓ = −log softmax(Z¹) at the class y"
    np.testing.assert_allclose(lines["ℓ"].values, -np.log(p[[0, 1], y]), rtol=1e-12)
    assert lines["C"].formula == "C = 0.5 / N · Σ ℓ"
    assert lines["δ¹"].formula == "δ¹ = ∂C/∂Z¹ = 0.5 / N · (softmax(Z¹) − one-hot(y))"
    np.testing.assert_allclose(lines["δ¹"].values, 0.5 / 2 * (p - np.eye(3)[y]), rtol=1e-12)


SYMBOL = r"\[1 [XA][⁰¹²³]*\]|∂C/∂[XA][⁰¹²³]*|\w+′\([ZA][⁰¹²³]*\)|[XZAWVbδ][⁰¹²³]*"
FACTOR = re.compile(rf"\(?({SYMBOL})\)?(ᵀ?)")


def product(term: str, values: dict[str, Array]) -> Array:
    """The value of a product of matrices, or entry by entry."""
    if " ⊙ " in term:
        one, other = term.split(" ⊙ ")
        return values[one] * values[other]
    assert FACTOR.sub("", term).strip() == "", term
    factors = [values[symbol].T if turned else values[symbol] for symbol, turned in FACTOR.findall(term)]
    return factors[0] if len(factors) == 1 else np.asarray(factors[0] @ factors[1])


@pytest.mark.parametrize("convention", ["row", "column", "augmented"])
def test_the_formulas_with_matrices_come_out(convention: Convention) -> None:
    sections = {section.title: section.lines for section in trace(DENSE, convention=convention).steps[0].sections}
    lines = [line for title in ("Given", "Forward", "Loss", "Backward") for line in sections[title]]
    values = {line.symbol: line.values for line in lines}
    values |= {"V" + W[1:]: w[1:] for W, w in values.items() if W.startswith("W")}
    checked = set()
    for line in lines:
        symbol, _, rest = line.formula.partition(" = ")
        if rest.startswith("Σ"):
            found = values[rest.split()[1]].sum(axis=1 if convention == "column" else 0)
            np.testing.assert_allclose(line.values.reshape(-1), found, rtol=1e-12)
        elif re.fullmatch(rf"[ ()ᵀ+⊙]*(?:(?:{SYMBOL})[ ()ᵀ+⊙]*)+", rest):
            found = sum(product(term, values) for term in rest.split(" + "))
            np.testing.assert_allclose(line.values, found, rtol=1e-12, atol=1e-16, err_msg=line.formula)
        else:
            continue
        checked.add(symbol)
    biases = set() if convention == "augmented" else {"∂C/∂b¹", "∂C/∂b³"}
    products = {f"{before}{n}" for before in ("Z", "∂C/∂W") for n in "¹²³"} | {"δ¹", "δ²", "∂C/∂A²", "∂C/∂X"}
    assert biases | products <= checked


def test_every_convention_says_its_own_formulas() -> None:
    said = {}
    for convention in CONVENTIONS:
        lines = all_ones(convention).steps[0].lines()  # type: ignore[arg-type]
        said[convention] = {line.symbol: line.formula for line in lines}
    assert said["row"]["Z²"] == "Z² = A¹ W² + b²"
    assert said["row"]["∂C/∂W²"] == "∂C/∂W² = (A¹)ᵀ δ²"
    assert said["row"]["∂C/∂A¹"] == "∂C/∂A¹ = δ² (W²)ᵀ"
    assert said["column"]["Z²"] == "Z² = W² A¹ + b²"
    assert said["column"]["∂C/∂W²"] == "∂C/∂W² = δ² (A¹)ᵀ"
    assert said["column"]["∂C/∂A¹"] == "∂C/∂A¹ = (W²)ᵀ δ²"
    assert said["augmented"]["Z²"] == "Z² = [1 A¹] W²"
    assert said["augmented"]["∂C/∂W²"] == "∂C/∂W² = [1 A¹]ᵀ δ²"
    assert said["augmented"]["∂C/∂A¹"] == "∂C/∂A¹ = δ² (V²)ᵀ"
    assert said["index"]["z²ⱼ"] == "z²ⱼ = Σᵢ w²ⱼᵢ a¹ᵢ + b²ⱼ"
    assert said["index"]["∂C/∂w²ⱼᵢ"] == "∂C/∂w²ⱼᵢ = Σₙ δ²ⱼ a¹ᵢ"
    assert said["index"]["∂C/∂a¹ᵢ"] == "∂C/∂a¹ᵢ = Σⱼ w²ⱼᵢ δ²ⱼ"


def test_a_docstring_is_quoted_as_its_fields_choose() -> None:
    approximate = part_of(LAYERS["gelu"], approximate="tanh")
    assert "tanh u" in first(approximate)
    assert "erfc" not in first(approximate)
    assert "z[i] = b + Σ over offsets k" in first(part_of(LAYERS["conv2d"], filters=1, kernel_size=1))
    assert "sₙ = (r ⊙ h_t−1) Uₙ" in first(part_of(LAYERS["gru"], units=1, reset_after=False))
    spec = spec_of({"type": "dense", "units": 2}, optimizer={"type": "momentum", "learning_rate": 0.1})
    (update,) = [section for section in trace(spec).steps[0].sections if section.title == "Update"]
    said = " ".join(update.notes)
    assert "v ← μv + g; Δ = −ηv" in said
    assert "v ← μv − ηg" not in said
    assert "`learning_rate` η = 0.1; `momentum` = 0.9" in said


def part_of(kind: type, **fields: Any) -> Any:
    return kind(**fields)


def test_shared_parameters_are_said_to_be_shared() -> None:
    spec = spec_of(
        {"type": "dense", "name": "one", "units": 2},
        {"type": "dense", "name": "two", "units": 3, "bias": False},
        shared=[{"parameter": "two.weight", "of": "one.weight", "transposed": True}],
    )
    step = trace(spec).steps[0]
    assert step.sections[0].notes == ("`two.weight` is `one.weight`, transposed: they are one parameter.",)
    lines = {line.symbol: line for line in step.lines()}
    parts = lines["∂C/∂W¹ of `one`"].values, lines["∂C/∂W² of `two`"].values
    assert lines["∂C/∂W¹"].tensor == "d one.weight"
    np.testing.assert_array_equal(lines["∂C/∂W¹"].values, parts[1].T + parts[0])


def test_observations_are_taken_together_where_a_layer_does() -> None:
    spec = spec_of({"type": "dense", "units": 2}, {"type": "batch_norm"})
    titles = [section.title for section in trace(spec, convention="index").steps[0].sections]
    assert titles == ["Given", "Forward", "Loss", "Backward", "Update"]
    titles = [section.title for section in all_ones("index").steps[0].sections]
    assert titles[1:4] == ["Observation 1: forward", "Observation 1: loss", "Observation 1: backward"]
    assert titles[-2:] == ["Sums over the observations", "Update"]
