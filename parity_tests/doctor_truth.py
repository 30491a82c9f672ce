"""What is true of the scripts in doctor_scripts, and how near a diagnosis or a reading comes to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml

from backproof.doctor.diagnosis import Answer, Explanation, Made
from backproof.doctor.reading import Reading
from backproof.fields import Fields
from backproof.layers.dense import Dense
from backproof.losses import BinaryCrossEntropyWithLogits, CrossEntropy
from backproof.spec import ModelSpec
from observed import mistake

SCRIPTS = Path(__file__).parent / "doctor_scripts"

Named = frozenset[tuple[str, str]]
"""Mistakes, each with its layer; "" where the mistake belongs to no layer."""

Grade = Literal[
    "exact", "equal", "first three", "as simple", "otherwise", "unnamed", "cannot tell", "missed", "not read"
]
"""How a diagnosis of a wrong backprop went.

exact: what is named first is the mistake, in its layers. equal: it is named, too, but after others that yield the
same numbers and are as many mistakes. first three: it is one of the first three, after fewer. as simple: what is
named yields the same numbers and is no more mistakes, and this one is not. otherwise: more mistakes are named.
unnamed: called wrong. missed: called right.
"""


@dataclass(frozen=True)
class Truth:
    """What a script's author meant, and what is wrong with it: mistakes, and the lines they are made in."""

    folder: str
    script: str
    fields: dict[str, Any]

    @property
    def path(self) -> Path:
        """Where the script is."""
        return SCRIPTS / self.folder / self.script

    @property
    def spec(self) -> ModelSpec:
        """The network that its author meant."""
        return ModelSpec.model_validate(self.fields["spec"])

    @property
    def mistakes(self) -> Named:
        """The mistakes in it."""
        found = set()
        for one in self.fields["mistakes"]:
            belongs = set(mistake(one["name"]).sites(self.spec)) != {None}
            found |= {(one["name"], layer if belongs else "") for layer in one["layer"].split(", ")}
        return frozenset(found)

    @property
    def lines(self) -> set[int]:
        """The lines that the mistakes are made in."""
        return {one["line"] for one in self.fields["mistakes"]}


@cache
def truths(folder: str) -> dict[str, Truth]:
    """Return the truth about each script of a folder, by the script's name."""
    found = yaml.safe_load((SCRIPTS / folder / "truth.yaml").read_text(encoding="utf-8"))
    return {one["script"].removesuffix(".py"): Truth(folder, one["script"], one) for one in found}


def named(made: Iterable[Made]) -> Named:
    """Return the mistakes of an explanation."""
    return frozenset((one.mistake.name, "" if one.site is None else one.layer) for one in made)


def different(mistakes: Named) -> int:
    """How many different mistakes there are."""
    return len({name for name, _ in mistakes})


def grade(answer: Answer, explanations: Sequence[Explanation], truth: Named) -> Grade:
    """Return how a diagnosis of a wrong backprop went."""
    fits = [named(one.mistakes) for one in explanations if one.fits]
    if answer != "wrong":
        return "missed" if answer == "right" else "cannot tell"
    if not fits:
        return "unnamed"
    if fits[0] == truth:
        return "exact"
    if truth in fits and different(truth) == different(fits[0]):
        return "equal"
    if truth in fits[:3]:
        return "first three"
    return "as simple" if different(fits[0]) <= different(truth) else "otherwise"


def said(mistakes: Named) -> str:
    """Return mistakes in words: "bias gradient missing (dense1, dense2)"."""
    layers: dict[str, list[str]] = {}
    for name, layer in sorted(mistakes):
        layers.setdefault(name, []).append(layer)
    return " + ".join(f"{name} ({', '.join(own)})" if any(own) else name for name, own in layers.items())


@dataclass(frozen=True)
class Read:
    """One thing read from a script without being told: whether rightly, what, and whether it was called sure."""

    what: str
    right: bool
    found: str
    wanted: str
    sure: bool


FINDINGS = {
    "layers": ("sizes", "biases"),
    "activations": ("activations",),
    "loss": ("loss",),
    "optimizer": ("optimizer",),
    "convention": ("convention",),
}
"""Which findings of a reading speak of what."""


def compare(truth: Truth, reading: Reading) -> Iterator[Read]:
    """Yield what was read, against the truth. Specs that calculate the same are the same."""
    sureness = {finding.what: finding.sure for finding in reading.findings}
    meant, found = _parts(truth.spec, reading.batch_size), _parts(reading.spec, reading.batch_size)
    meant["convention"], found["convention"] = truth.fields["convention"], reading.convention
    for what, whence in FINDINGS.items():
        sure = all(sureness[one] == "sure" for one in whence)
        yield Read(what, meant[what] == found[what], found[what], meant[what], sure)


def _parts(spec: ModelSpec, batch: int) -> dict[str, str]:
    """Return a network's parts in words that are the same for those that calculate the same.

    A sigmoid is its own layer or the loss's; a mean over one output is a mean over the observations; both forms
    of a velocity agree while the rate is constant.
    """
    sizes, biases, activations = [str(n) for n in spec.input_shape], [], []
    for layer in spec.layers:
        if isinstance(layer, Dense):
            sizes.append(str(layer.units))
            biases.append("yes" if layer.bias else "no")
            activations.append("linear")
        else:
            activations[-1] = _words(layer)
    if isinstance(spec.loss, BinaryCrossEntropyWithLogits):
        activations[-1] = "sigmoid"
    entries = batch * (1 if isinstance(spec.loss, CrossEntropy) else int(np.prod(spec.shapes[-1])))
    divisor = {"mean": entries, "batch_mean": batch, "sum": 1}[getattr(spec.loss, "reduction", "sum")]
    loss = _words(spec.loss, "reduction", "factor", "targets").replace(
        "cross_entropy_with_logits", "cross_entropy"
    )
    return {
        "layers": f"{'-'.join(sizes)}, biases {', '.join(biases)}",
        "activations": ", ".join(activations),
        "loss": f"{getattr(spec.loss, 'factor', 1.0) / divisor:.6g} · Σ {loss}",
        "optimizer": _words(spec.optimizer, "velocity"),
    }


def _words(part: Fields, *without: str) -> str:
    """Return the type and whatever is not as usual."""
    fields = part.model_dump(exclude={"type", "name", *without}, exclude_defaults=True)
    others = ", ".join(f"{key} {value}" for key, value in fields.items())
    return f"{getattr(part, 'type', '')} ({others})" if others else str(getattr(part, "type", ""))
