"""What layers, losses and optimizers compute, in formulas: as in textbooks, or as their docstrings say."""

import inspect
import re
from collections.abc import Iterator
from typing import NamedTuple

from backproof.fields import Fields
from backproof.layers import Elementwise, Layer
from backproof.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    BinaryCrossEntropyWithLogits,
    CrossEntropy,
    LogCosh,
    Loss,
    SquaredError,
)
from backproof.optimizers import Optimizer
from backproof.trace.lines import Definition
from backproof.trace.notation import Row
from backproof.trace.plan import Stream

_GENERAL = {Layer, Elementwise, Loss, Optimizer, Fields}
"""Their docstrings say what all have in common, not what one computes."""

_VARIANT = re.compile(r"^`(\w+)(?:: |=)\"?(\w+)\"?`")
"""How a line of a docstring begins that holds for one value of a field: `velocity: gradients`."""

_EQUATION, _NAME = re.compile("[=←]"), re.compile(r"`(\w+)[^`]*`")
_OF_LOSSES = frozenset({"factor", "reduction", "weighted"})

_FUNCTIONS = {"sigmoid": "σ"}

SLOPES = {"sigmoid": "{a}{times}(1 − {a})", "tanh": "1 − {a}{times}{a}"}
"""Slopes that textbooks write with the activation a = f(z)."""


class Terms(NamedTuple):
    """The formulas of a loss term and of its derivative; `rowwise` where they sum over an observation."""

    value: str
    slope: str
    rowwise: bool = False


def terms(loss: Loss, style: Row, stream: Stream, several: bool) -> Terms | None:
    """Return a loss's terms in a notation, for targets of which an observation has `several` or one.

    None where only its docstring says it.
    """
    found = _terms(loss)
    if found is None:
        return None
    words = {
        "a": style.at(stream),
        "all": style.whole(stream),
        "y": style.target(several),
        "j": style.entry,
        "sum": style.sum,
        "times": style.times,
    }
    return Terms(found.value.format(**words), found.slope.format(**words), found.rowwise)


def is_known(loss: Loss) -> bool:
    """Return whether there is a textbook formula of a loss."""
    return _terms(loss) is not None


def _terms(loss: Loss) -> Terms | None:
    if isinstance(loss, CrossEntropy):
        if loss.label_smoothing or loss.class_weights is not None or loss.ignore_index is not None:
            return None
        if loss.integer_targets():
            return Terms("−log softmax({all}) at the class {y}", "softmax({all}){j} − one-hot({y}){j}")
        return Terms("−{sum} {y}{times}log softmax({all}){j}", "softmax({all}){j} ({sum} {y}) − {y}", rowwise=True)
    if isinstance(loss, BinaryCrossEntropyWithLogits):
        if loss.positive_weight != 1.0:
            return None
        return Terms("log(1 + exp({a})) − {y}{times}{a}", "σ({a}) − {y}")
    known: dict[type[Loss], Terms] = {
        SquaredError: Terms("({a} − {y})²", "2 ({a} − {y})"),
        AbsoluteError: Terms("|{a} − {y}|", "sign({a} − {y})"),
        LogCosh: Terms("log cosh({a} − {y})", "tanh({a} − {y})"),
        BinaryCrossEntropy: Terms(
            "−{y}{times}log({a}) − (1 − {y}){times}log(1 − {a})", "({a} − {y}) / ({a}{times}(1 − {a}))"
        ),
    }
    return known.get(type(loss))


def function(layer: Layer) -> str:
    """Return the name of an activation in formulas."""
    return _FUNCTIONS.get(layer.kind, layer.kind)


def first(part: Fields) -> str:
    """Return the formula of a part, in the words of its docstring, and the values of its fields."""
    found, every = _said(part, type(part)), _every(part)
    if not isinstance(part, Elementwise) and not any(map(_EQUATION.search, found)):
        found += _equation(every)
    words = [re.sub(r"\n\s*", "; ", p.strip()).rstrip(".") for p in found]
    in_full = ["in full under Formulas"] if len(every) > len(found) and isinstance(part, Layer | Loss) else []
    return "; ".join([*(" ".join(p.split()) for p in words), *settings(part, _OF_LOSSES), *in_full])


def rule(optimizer: Optimizer) -> tuple[str, ...]:
    """Return the update rule of an optimizer with these fields, in the words of its docstring."""
    return tuple(paragraph for kind in _kinds(optimizer) for paragraph in _said(optimizer, kind))


def definition(part: Fields) -> Definition:
    """Return the whole docstring of a part, and what it inherits."""
    return Definition(part.kind, tuple(_every(part)))


def _every(part: Fields) -> list[str]:
    return [paragraph for kind in _kinds(part) for paragraph in _paragraphs(kind)]


def settings(part: Fields, without: frozenset[str] = frozenset()) -> list[str]:
    """Return `field = value` of every field that is a number, a word or a truth value."""
    names = [name for name in type(part).model_fields if name not in without | {"type", "name"}]
    values = [(name, getattr(part, name)) for name in names]
    return [f"`{name}` = {_word(value)}" for name, value in values if isinstance(value, int | float | str)]


def _word(value: float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _said(part: Fields, kind: type) -> list[str]:
    """Return what a class's docstring says of a part with these fields.

    It is the first paragraph, and any further one that is of the variant they choose, or speaks of a field that
    has not its default.
    """
    fields = type(part).model_fields
    changed = {name for name in fields if name != "type" and getattr(part, name) != fields[name].default}
    found = []
    for number, paragraph in enumerate(_paragraphs(kind)):
        if variant := _VARIANT.match(paragraph):
            wanted = str(getattr(part, variant[1], None)) == variant[2]
        else:
            wanted = number == 0 or not changed.isdisjoint(_NAME.findall(paragraph))
        found += [paragraph] * wanted
    return found


def _equation(paragraphs: list[str]) -> list[str]:
    """Return the first paragraph with an equation, and the display that it announces."""
    for number, paragraph in enumerate(paragraphs):
        if _EQUATION.search(paragraph):
            return paragraphs[number : number + 1 + paragraph.endswith(":")]
    return []


def _kinds(part: Fields) -> Iterator[type]:
    """Yield the class of a part, and those it inherits from whose docstrings say what it computes."""
    for kind in type(part).__mro__:
        if kind in _GENERAL:
            return
        if vars(kind).get("__doc__"):
            yield kind


def _paragraphs(kind: type) -> list[str]:
    """Return the paragraphs of a docstring: text on one line each, variants apart, displays as they are."""
    text = inspect.cleandoc(kind.__doc__ or "")
    return [paragraph for block in text.split("\n\n") for paragraph in _parts(block)]


def _parts(block: str) -> Iterator[str]:
    """Yield the paragraphs of what stands between two empty lines."""
    if block.startswith("    "):
        yield block
        return
    part: list[str] = []
    for line in block.split("\n"):
        if part and (_VARIANT.match(line) or line.startswith("- ")):
            yield " ".join(part)
            part = []
        part.append(line.strip())
    yield " ".join(part)
