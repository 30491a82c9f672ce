"""Random cases: number n of a campaign is the same on every machine and in any order."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backproof.check import Report, check
from backproof.fuzz.draw import pick
from backproof.fuzz.network import structure
from backproof.implementation import Implementation
from backproof.spec import Batch, ModelSpec

VARIANTS = 10
"""Cases per network, with other weights and data: programs are compiled once for all of them."""


@dataclass(frozen=True)
class Case:
    """A network and the data it is run on: `steps` batches of equal size."""

    number: int
    spec: ModelSpec
    data: Batch
    steps: int

    @property
    def batch_size(self) -> int:
        """The number of observations of a step."""
        return len(self.data.x) // self.steps


@dataclass(frozen=True)
class Outcome:
    """What a case came to: judged and open tensors and the largest ratio by precision.

    `finding` says what is wrong, if anything; `steps` and `batch_size` are those to run it again with.
    """

    number: int
    structure: str
    judged: dict[str, int]
    untold: dict[str, int]
    worst: dict[str, float]
    finding: str = ""
    steps: int = 1
    batch_size: int = 1


def random_case(seed: int, number: int) -> Case:
    """Return case `number` of the campaign `seed`."""
    rng, network = np.random.default_rng([seed, number]), number // VARIANTS
    spec = structure(seed, network).model_copy(update={"seed": int(rng.integers(2**32))})
    steps, scale = pick(rng, [1, 1, 2, 2, 3]), pick(rng, [1.0, 0.1, 3.0])
    # Of one value there is no variance.
    least = 2 if any(layer.kind == "batch_norm" for _, layer, _ in spec.walk) else 1
    size = int(np.random.default_rng([seed, network, 2]).integers(least, 7))  # programs are compiled for one size
    x, y = spec.random_batch(steps * size, seed=number)
    return Case(number, spec, Batch(x if spec.indices is not None else scale * x, y), steps)


def run(case: Case, implementations: Sequence[str | Implementation] | None = None) -> Outcome:
    """Check a case. An implementation that raises has failed it as surely as one that differs."""
    try:
        report = check(
            case.spec,
            data=(case.data.x, case.data.y, case.data.side),
            steps=case.steps,
            batch_size=case.batch_size,
            implementations=implementations,
        )
    except Exception as error:  # any: that is what is looked for
        return Outcome(case.number, fingerprint(case.spec), {}, {}, {}, f"{type(error).__name__}: {error}"[:2000])
    told = {v.dtype: [c for c in v.comparisons if c.answer == "agree"] for v in report.verdicts}
    return Outcome(
        case.number,
        fingerprint(case.spec),
        {dtype: len(own) for dtype, own in told.items()},
        {v.dtype: sum(c.answer == "cannot tell" for c in v.comparisons) for v in report.verdicts},
        {dtype: max((c.ratio for c in own), default=0.0) for dtype, own in told.items()},
        _finding(report),
    )


def _finding(report: Report) -> str:
    for verdict in report.verdicts:
        if (first := verdict.divergence) is not None:
            odd = ", ".join(first.odd) or "nobody in particular"
            ratio = max(c.ratio for c in first.comparisons)
            where = f"{verdict.dtype}: step {first.step + 1}, {first.phase}, {first.tensor}"
            return f"{where}: {odd} odd, {ratio:.3g} floors"
    return ""


def fingerprint(spec: ModelSpec) -> str:
    """Return a name that all specs have in common which differ in weights only."""
    return hashlib.sha256(spec.model_dump_json(exclude={"seed", "name"}).encode()).hexdigest()[:16]
