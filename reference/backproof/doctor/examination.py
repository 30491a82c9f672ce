"""What an examination of a training run says: what was measured, and which experiments were made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backproof.fields import Array


@dataclass(frozen=True)
class Run:
    """A training run of the reference: the loss after each of `iterations`, and how it ended.

    `losses` is the loss of the whole data at `iterations` (increasing numbers of updates); `accuracy` is a share
    of 1 where targets are classes, else None. `diverged` is the iteration at which numbers overflowed, or None.
    """

    iterations: Array
    losses: Array
    accuracy: float | None = None
    diverged: int | None = None


@dataclass(frozen=True)
class Experiment:
    """The same run with one thing changed: what, in words, how it went, and whether that helps."""

    change: str
    run: Run
    helps: bool
    outcome: str


@dataclass(frozen=True)
class Remark:
    """One thing seen in a run. `cause` only where an experiment that changes nothing else helps.

    `kind` is one of: saturation, symmetry, initial weights, plateau, dead units, divergence, vanishing gradients,
    exploding gradients, unscaled inputs, rate too small, rate too large, unreachable target, lost updates.
    `measured` holds the numbers in the sentence by name. `refuted` is for what people would call the cause and an
    experiment shows not to be.
    """

    kind: str
    sentence: str
    measured: Mapping[str, float] = field(default_factory=dict)
    experiments: tuple[Experiment, ...] = ()
    cause: bool = False
    refuted: bool = False


@dataclass(frozen=True)
class Examination:
    """The run as it is, what was remarked on it (causes first), and per layer the slopes f′(z) at the start."""

    run: Run
    learns: bool
    remarks: tuple[Remark, ...]
    slopes: Mapping[str, Array] = field(default_factory=dict)
    """f′(z) of each activation over the data at the start, and at the end under `<layer> after`."""
    plateaus: tuple[tuple[int, int], ...] = ()
    """From which iteration to which the loss hardly moved before it fell again, or to the end of the run.

    They may lie beyond the end of `run`: a run that has not learnt is continued."""
    notes: tuple[str, ...] = ()
    """What had to be left out for want of time, and where it does not learn, that no cause was found."""
