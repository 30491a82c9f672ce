"""How a wrong tensor relates to the right one, where no mistake of the catalogue explains it: the facts alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from backproof.doctor.diagnosis import Pattern
from backproof.doctor.evidence import Evidence, Seen
from backproof.fields import Array
from backproof.layers import Elementwise
from backproof.spec import Batch
from backproof.step import State
from backproof.trace.watch import watch
from backproof.verdict import K

ORDERINGS = 5
"""Permutations of up to so many rows or columns are tried one by one; of more, sorted norms suggest one."""


@dataclass(frozen=True)
class _Tensor:
    """The wrong tensor beside the right one."""

    evidence: Evidence
    seen: Seen
    right: Array

    @property
    def found(self) -> Array:
        return self.seen.found

    @property
    def step(self) -> int:
        return self.seen.step

    def same(self, guess: Array) -> bool:
        """Return whether a guess is the wrong tensor, to rounding."""
        if guess.shape != self.found.shape or not np.all(np.isfinite(guess)):
            return False
        relative = max(self.seen.floor.relative, self.evidence.typical)
        unit = max(self.seen.floor.value, relative * float(np.abs(guess).max(initial=0.0)))
        return bool(np.abs(guess - self.found).max(initial=0.0) <= K * unit)

    @cached_property
    def names(self) -> dict[float, str]:
        """Numbers that a tensor is off by in practice."""
        spec, observations = self.evidence.spec, len(self.evidence.batches[self.step].x)
        outputs = int(np.prod(spec.shapes[-1]))
        rate = spec.optimizer.rate(self.step)
        named = {observations: "the number of observations", outputs: "the number of outputs"}
        named |= {observations * outputs: "the number of entries of the output"}
        named |= {observations**2: "the number of observations squared"}
        return {float(n): text for n, text in named.items() if n > 2} | {rate: "the learning rate"}


def describe(evidence: Evidence, seen: Seen) -> Pattern:
    """Return how a wrong tensor relates to the right one, the simplest relation that holds to rounding."""
    tensor = _Tensor(evidence, seen, seen.of(evidence.records[seen.step]))
    if not np.all(np.isfinite(seen.found)):
        return Pattern("none", f"{_label(seen)} is not finite everywhere, the right one is.")
    for kind, relation in RELATIONS.items():
        if text := relation(tensor):
            return Pattern(kind, f"{_label(seen)} {text}.")
    return Pattern("none", f"{_label(seen)} is in no simple relation to the right one.")


def _label(seen: Seen) -> str:
    """Name a tensor in words."""
    name = seen.name.removeprefix("d ").removeprefix("Δ ")
    kind = {"forward": "output", "backward": "gradient", "update": "update"}.get(seen.phase, "tensor")
    return f"The {kind} of {name}"


def _zero(tensor: _Tensor) -> str:
    return "" if np.any(tensor.found) else "is zero throughout, the right one is not"


def _constant(tensor: _Tensor) -> str:
    c = _factor(tensor, tensor.right)
    return f"is the right one times {_number(tensor, c)}" if c is not None else ""


def _factor(tensor: _Tensor, right: Array) -> float | None:
    """Return c where the wrong tensor is c times this one."""
    square = float((right * right).sum()) if right.shape == tensor.found.shape else 0.0
    c = float((tensor.found * right).sum()) / square if square else 0.0
    return c if c and tensor.same(c * right) else None


def _number(tensor: _Tensor, c: float) -> str:
    """Write a factor, with what it is where that can be told."""
    for sign, minus in ((1.0, ""), (-1.0, "−")):
        for value, name in tensor.names.items():
            for product, text in ((value, name), (1.0 / value, f"1 over {name}")):
                if np.isclose(c, sign * product, rtol=1e-6, atol=0.0):
                    return f"{minus}{product:.7g}, {text}" + (", with the wrong sign" if minus else "")
    halves = {2.0: "2", 0.5: "½", -1.0: "−1, the wrong sign", -2.0: "−2", -0.5: "−½"}
    return next((text for value, text in halves.items() if np.isclose(c, value, rtol=1e-6, atol=0.0)), f"{c:.7g}")


def _transposed(tensor: _Tensor) -> str:
    square = tensor.right.ndim == 2 and len(set(tensor.right.shape)) == 1
    return "is the right one transposed" if square and tensor.same(tensor.right.T) else ""


def _another(tensor: _Tensor) -> str:
    """Name another tensor of the right calculation that the wrong one is, or is a multiple of."""
    for name, other in _others(tensor):
        for text, guess in ((name, other), (f"{name}, transposed", other.T)):
            if tensor.same(guess):
                return f"is {text}"
            c = _factor(tensor, guess)
            if c is not None and guess.size > 1:
                return f"is {text}, times {_number(tensor, c)}"
    return ""


def _others(tensor: _Tensor) -> Iterator[tuple[str, Array]]:
    """Yield what people put in place of a gradient, from the right calculation of the same step."""
    evidence, number, own = tensor.evidence, tensor.step, tensor.seen.name
    batch, state = evidence.batches[number], evidence.start(number)
    record, passages = watch(evidence.spec, state, batch)
    for name, gradient in record.gradients.items():
        if f"d {name}" != own:
            yield f"the gradient of {name}", gradient
    for name, passage in passages.items():
        yield f"δ, the gradient with respect to the output of {name}", passage.dy
        yield f"the sum of δ at {name} over the observations", passage.dy.sum(axis=0)
    for name, output in record.outputs.items():
        if ("forward", name) != (tensor.seen.phase, own):
            yield f"the output of {name}", output
    for name, weight in state.parameters.items():
        yield f"{name} itself", weight
    if tensor.seen.phase == "backward":
        yield from _elsewhere(tensor, state, batch)


def _elsewhere(tensor: _Tensor, state: State, batch: Batch) -> Iterator[tuple[str, Array]]:
    """Yield the same gradient of one observation alone, and with the weights after the update."""
    evidence, name = tensor.evidence, tensor.seen.name.removeprefix("d ")
    after = evidence.records[tensor.step].parameters
    moved = State(after, state.slots, state.buffers, state.step)
    yield "the right one with the weights after the update", watch(evidence.spec, moved, batch)[0].gradients[name]
    for k in range(len(batch.x)) if len(batch.x) > 1 else ():
        side = {of: array[k : k + 1] for of, array in batch.side.items()}
        one = watch(evidence.spec, state, Batch(batch.x[k : k + 1], batch.y[k : k + 1], side))[0]
        yield f"that of observation {k + 1} alone", one.gradients[name]


def _shifted(tensor: _Tensor) -> str:
    """The difference is a multiple of the weight: a penalty."""
    name = tensor.seen.name.removeprefix("d ").removeprefix("Δ ")
    weight = tensor.evidence.start(tensor.step).parameters.get(name)
    square = 0.0 if weight is None else float((weight * weight).sum())
    if weight is None or not square:
        return ""
    c = float(((tensor.found - tensor.right) * weight).sum()) / square
    return f"is the right one plus {c:.7g} times {name}" if tensor.same(tensor.right + c * weight) else ""


def _masked(tensor: _Tensor) -> str:
    kept = tensor.found != 0.0
    if kept.all() or not tensor.same(np.where(kept, tensor.right, 0.0)):
        return ""
    missing = int((~kept & (tensor.right != 0.0)).sum())
    return f"is right but for {missing} of {kept.size} entries, which are zero"


def _along(axis: int) -> Callable[[_Tensor], str]:
    """Whether each row (axis 0) or column (axis 1) is multiplied by a number of its own."""

    def relation(tensor: _Tensor) -> str:
        right = tensor.right
        if right.ndim != 2 or right.shape[1 - axis] < 2:
            return ""
        squares = (right * right).sum(axis=1 - axis)
        products = (tensor.found * right).sum(axis=1 - axis)
        factors = np.divide(products, squares, out=np.zeros_like(products), where=squares > 0)
        if not tensor.same(right * np.expand_dims(factors, 1 - axis)):
            return ""
        lines = ("row", "column")[axis]
        listed = ", ".join(f"{c:.4g}" for c in factors[:6]) + (", …" if len(factors) > 6 else "")
        known = _vector(tensor, factors)
        return f"is the right one with each {lines} times a number of its own: {listed}" + known

    return relation


def _vector(tensor: _Tensor, factors: Array) -> str:
    """Name a vector of the right calculation that the factors are: told only where there is one observation."""
    batch = tensor.evidence.batches[tensor.step]
    record, passages = watch(tensor.evidence.spec, tensor.evidence.start(tensor.step), batch)
    known = {f"the output of {name}": output for name, output in record.outputs.items()}
    for name, layer in zip(tensor.evidence.spec.layer_names, tensor.evidence.spec.layers, strict=True):
        if isinstance(layer, Elementwise):
            known[f"the slope of {name}"] = layer.derivative(*passages[name].cache)
    for name, array in known.items():
        for text, vector in ((name, array), (f"1 over {name}", _inverse(array))):
            if array.size == factors.size and np.allclose(vector.reshape(-1), factors, rtol=1e-6, atol=0.0):
                return f" ({text})"
    return ""


def _inverse(array: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.divide(1.0, array)


def _permuted(tensor: _Tensor) -> str:
    for axis, lines in enumerate(("rows", "columns")[: tensor.right.ndim]):
        for order in _orders(tensor, axis):
            if tensor.same(np.take(tensor.right, order, axis=axis)):
                listed = ", ".join(str(k + 1) for k in order)
                what = lines if tensor.right.ndim > 1 else "entries"
                return f"is the right one with its {what} in the order {listed}"
    return ""


def _orders(tensor: _Tensor, axis: int) -> Iterator[tuple[int, ...]]:
    """Yield orders of rows or columns to try."""
    length = tensor.right.shape[axis]
    if length <= ORDERINGS:
        yield from permutations(range(length))
        return
    sums = [np.moveaxis(array, axis, 0).reshape(length, -1).sum(axis=1) for array in (tensor.found, tensor.right)]
    order = np.empty(length, int)
    order[np.argsort(sums[0])] = np.argsort(sums[1])
    yield tuple(int(k) for k in order)


RELATIONS: Mapping[str, Callable[[_Tensor], str]] = {
    "zero": _zero,
    "constant factor": _constant,
    "transposed": _transposed,
    "another tensor": _another,
    "masked": _masked,
    "shifted": _shifted,
    "per row": _along(0),
    "per column": _along(1),
    "permuted": _permuted,
}
"""The relations looked for, the simplest first."""
