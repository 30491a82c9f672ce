"""What a recording turned out to be: a network, its training steps, and where each tensor stands in the code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backproof.doctor.recording import Recording
from backproof.fields import Array
from backproof.spec import ModelSpec

Convention = Literal["row", "column", "augmented", "index"]

Sureness = Literal["sure", "likely", "guess"]


@dataclass(frozen=True)
class Source:
    """Where the code has a tensor: an expression (its text), and the statement's line. `flipped` if transposed.

    `sign` is −1 where the code keeps the negative, as in error = y − a.
    """

    text: str
    file: str
    line: int
    flipped: bool = False
    sign: int = 1


@dataclass(frozen=True)
class Observed:
    """One training step as the user's code made it, in canonical names and layout (rows are observations).

    `gradients` holds the user's own arrays where there are any, as ∂C/∂w (sign and factor of the update taken
    out); `outputs` those outputs of layers that were seen, by the layer's name.
    """

    x: Array
    y: Array
    before: Mapping[str, Array]
    after: Mapping[str, Array]
    gradients: Mapping[str, Array] = field(default_factory=dict)
    outputs: Mapping[str, Array] = field(default_factory=dict)
    loss: float | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that was inferred: what, how it was told, how sure it is, and the flag that would settle it."""

    what: str
    value: str
    how: str
    sure: Sureness
    flag: str | None = None


@dataclass(frozen=True)
class Reading:
    """A script understood.

    `steps` are consecutive training steps from the first on. `sources` maps canonical names to places in the
    code: `x`, `y`, `dense1.weight`, `d dense1.weight` (its gradient), `sigmoid1` (a layer's output), `loss`.
    `x` and `y` are all observations known, of which a step takes `batch_size`.
    """

    spec: ModelSpec
    convention: Convention
    steps: tuple[Observed, ...]
    sources: Mapping[str, Source]
    findings: tuple[Finding, ...]
    x: Array
    y: Array
    batch_size: int
    recording: Recording | None = None
    rivals: tuple[str, ...] = ()
    """Other readings that fit as well, in words; each finding's `flag` says how to choose."""
