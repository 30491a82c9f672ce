"""Wrong backprops made by mutation: mistakes of the catalogue, alone and in pairs, as a stranger hands them over.

The networks are random, or those of the right scripts in doctor_scripts. The steps round otherwise than ours, and
the arrays come under names that say nothing, in any order, as rows or columns, or with biases within matrices.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from backproof.clipping import ClipByValue
from backproof.doctor.reading import Observed
from backproof.fields import Array
from backproof.mistakes import CATALOGUE, Mistake, compose
from backproof.optimizers import SGD, Adam, Momentum, Optimizer, RMSprop
from backproof.optimizers.base import Group
from backproof.parameters import to_augmented, to_columns
from backproof.spec import ModelSpec
from doctor_truth import Named, truths
from observed import At, Rng, dense_network, observe

Arrays = dict[str, Array]

OPTIMIZERS: tuple[Optimizer, ...] = (
    SGD(learning_rate=0.1),
    SGD(learning_rate=0.1, clip=ClipByValue(limit=0.01)),
    SGD(learning_rate=0.1, accumulate=2),
    SGD(learning_rate=0.1, weight_decay=0.01, groups=(Group(pattern="dense1.*", weight_decay=0.0),)),
    Momentum(learning_rate=0.1),
    Momentum(learning_rate=0.1, nesterov=True),
    Momentum(learning_rate=0.1, weight_decay=0.01, decay="decoupled"),
    Adam(learning_rate=0.01),
    Adam(learning_rate=0.01, weight_decay=0.01),
    RMSprop(learning_rate=0.01),
)

TRIES = 200
"""How many networks are drawn until the mistake can be made in one, and changes its numbers."""

VISIBLE = {np.float64: 1e-8, np.float32: 1e-3}
"""By how much a mistake must change the largest entry of what is handed over."""


def _last_row(arrays: Arrays) -> Arrays:
    return {name: np.roll(w, -1, axis=0) for name, w in to_augmented(arrays).items()}


def _first_column(arrays: Arrays) -> Arrays:
    return {name: w.T for name, w in to_augmented(arrays).items()}


LAYOUTS: dict[str, Callable[[Arrays], Mapping[str, Array]]] = {
    "rows": dict,
    "columns": to_columns,
    "biases in the first row": to_augmented,
    "biases in the last row": _last_row,
    "biases in the first column": _first_column,
}


@dataclass(frozen=True)
class Case:
    """A wrong backprop, and what is handed to `diagnose`."""

    spec: ModelSpec
    mistakes: Named
    layout: str
    matches: set[tuple[str, str]]
    """Which of the arrays handed over, by the names there, holds which parameter, or its gradient ("d ...")."""
    weights: Arrays
    batch: tuple[Array, Array]
    gradients: Arrays | None
    after: list[Arrays]

    def step(self) -> Callable[[Any, Any, Any], Arrays]:
        """Return a function that makes the stranger's steps one after the other."""
        following = iter(self.after)
        return lambda weights, x, y: next(following)


def possible() -> list[Mistake]:
    """Return the mistakes that can be made in networks of dense layers, each found by trying."""
    rng = np.random.default_rng(0)
    specs = [_network(rng) for _ in range(TRIES)]
    return [one for one in CATALOGUE if any(one.sites(spec) for spec in specs)]


def single(made: Mistake, seed: int) -> Case | None:
    """Return a case with one mistake, in one of its layers or in all; None where none is found that matters."""
    rng = np.random.default_rng([seed, CATALOGUE.index(made)])
    for _ in range(TRIES):
        spec = _network(rng)
        if (found := _sites(made, spec, rng)) and (case := _case(spec, [found], rng)):
            return case
    return None


def pair(seed: int) -> Case:
    """Return a case with two mistakes; every other time of those that people are known to make."""
    rng = np.random.default_rng([seed, len(CATALOGUE)])
    among = [one for one in CATALOGUE if one.common or seed % 2]
    while True:
        spec = _network(rng)
        there = [one for one in among if one.sites(spec)]
        if len(there) < 2:
            continue
        one, other = (there[int(k)] for k in rng.choice(len(there), 2, replace=False))
        if case := _case(spec, [_sites(one, spec, rng), _sites(other, spec, rng)], rng):
            return case


def right(seed: int) -> Case:
    """Return a case without a mistake."""
    rng = np.random.default_rng([seed, len(CATALOGUE) + 1])
    case = _case(_network(rng), [], rng)
    assert case is not None
    return case


def _network(rng: Rng) -> ModelSpec:
    """Return a network as people write them, now and then with an optimizer of another kind."""
    if rng.random() < 0.5:
        spec = dense_network(rng)
    else:
        known = list(truths("right").values())
        spec = known[int(rng.integers(len(known)))].spec
    if rng.random() < 0.3:
        optimizer = OPTIMIZERS[int(rng.integers(len(OPTIMIZERS)))]
        spec = spec.model_copy(update={"optimizer": optimizer})
    return spec


def _sites(made: Mistake, spec: ModelSpec, rng: Rng) -> list[At]:
    sites = list(made.sites(spec))
    if len(sites) > 1 and rng.random() < 0.5:
        sites = [sites[int(rng.integers(len(sites)))]]
    return [(made, site) for site in sites]


def _case(spec: ModelSpec, parts: list[list[At]], rng: Rng) -> Case | None:
    """Return a case with some mistakes, each at those of its sites where it shows; None if one shows nowhere."""
    dtype = np.float32 if rng.random() < 0.1 else np.float64
    only_updates = rng.random() < 0.5
    observations = int(rng.integers(5, 12))
    made = [at for part in parts for at in part]
    steps = observe(spec, made, rng, dtype, observations, full_batch=True)
    phases = {mistake.place(spec, site)[0] for mistake, site in made}
    stepping = only_updates or "update" in phases or rng.random() < 0.3
    gradients = not only_updates or ("update" in phases and rng.random() < 0.3)
    seen = partial(_difference, spec, steps[0], gradients, stepping)
    for at in list(made):
        without = [other for other in made if other != at]
        if seen(made, without) < VISIBLE[dtype]:
            made = without
    if len({mistake.name for mistake, _ in made}) < len(parts) or (made and seen(made, []) < VISIBLE[dtype]):
        return None
    return _handed(spec, made, steps, rng, gradients, stepping)


def _difference(
    spec: ModelSpec, first: Observed, gradients: bool, stepping: bool, made: list[At], other: list[At]
) -> float:
    """Return by how much two sets of mistakes differ in what is handed over, relative to each tensor's size."""
    both = [_tensors(spec, some, first, gradients, stepping) for some in (made, other)]
    return max(
        float(np.abs(one - two).max() / np.abs(two).max(initial=np.finfo(float).tiny))
        if np.all(np.isfinite(one))
        else 0.0
        for one, two in zip(*both, strict=True)
    )


def _tensors(spec: ModelSpec, made: list[At], first: Observed, gradients: bool, stepping: bool) -> Iterator[Array]:
    network = compose(spec, made)
    state = network.initial_state(np.float64, {name: w.astype(np.float64) for name, w in first.before.items()})
    batch = spec.check_batch(first.x, first.y).astype(np.float64)
    for number in range(3 if stepping else 1):
        with np.errstate(all="ignore"):
            record = network.step(state, *batch)
        if gradients and number == 0:
            yield from record.gradients.values()
        if stepping:
            yield from record.updates.values()
        state = record.state()


def _handed(
    spec: ModelSpec, made: list[At], steps: list[Observed], rng: Rng, gradients: bool, stepping: bool
) -> Case:
    names = list(LAYOUTS)
    biases = sum(name.endswith(".bias") for name in spec.parameters)
    layout = str(rng.choice(names if 2 * biases == len(spec.parameters) else names[:2]))
    first = steps[0]
    order = rng.permutation(len(LAYOUTS[layout](dict(first.before))))

    def scrambled(arrays: Mapping[str, Array]) -> Arrays:
        laid = list(LAYOUTS[layout](dict(arrays)).values())
        return {f"p{number}": laid[k] for number, k in enumerate(order)}

    keys = list(LAYOUTS[layout](dict(first.before)))  # of parameters, or of the layers whose biases are within
    holds = {
        f"p{k}": [n for n in spec.parameters if f"{n}.".startswith(f"{keys[o]}.")] for k, o in enumerate(order)
    }
    prefixes = ("", "d ") if gradients else ("",)
    turned = "column" in layout and rng.random() < 0.7
    batch = tuple(part.T if turned and part.ndim == 2 else part for part in (first.x, first.y))
    return Case(
        spec,
        frozenset((one.name, "" if site is None else str(spec.layer_names[site])) for one, site in made),
        layout,
        {(user, prefix + name) for user, own in holds.items() for name in own for prefix in prefixes},
        scrambled(first.before),
        (batch[0], batch[1]),
        scrambled(first.gradients) if gradients else None,
        [scrambled(one.after) for one in steps] if stepping else [],
    )
