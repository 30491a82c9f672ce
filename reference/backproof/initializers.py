"""Initial values, drawn once in NumPy and injected everywhere: framework generators never have to agree.

The named schemes state the variance of the weights of a layer with `fan_in` inputs and `fan_out` outputs:

    ========  ==================================  =============================
    scheme    Var(w)                              source
    ========  ==================================  =============================
    glorot    2 / (fan_in + fan_out)              Glorot & Bengio 2010, eq. 16
    he        2 / fan_in                          He et al. 2015, eq. 10
    lecun     1 / fan_in                          LeCun et al. 1998, section 4.6
    ========  ==================================  =============================

Every distribution has exactly this variance: `uniform` is U(−√(3 Var), √(3 Var)), `normal` is N(0, Var) as
PyTorch draws it, and `truncated_normal` is N(0, s²) redrawn outside ±2s with s chosen so that the truncated
variance is Var, as Keras and JAX draw it.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol, cast

import numpy as np
from pydantic import Field, model_validator

from backproof.fields import Array, Fields, NonNegativeFloat

TRUNCATED_STD = 0.8796256610342398
"""Standard deviation of a unit normal truncated at ±2: √(1 − 4φ(2) / (2Φ(2) − 1))."""


class Draws(Protocol):
    """What both NumPy generators, the present and the legacy one, can do."""

    def uniform(self, low: float, high: float, size: tuple[int, ...]) -> Array:
        """Draw from U[low, high)."""
        ...

    def normal(self, loc: float, scale: float, size: tuple[int, ...]) -> Array:
        """Draw from N(loc, scale²)."""
        ...


def generator(kind: Literal["pcg64", "mt19937"], seed: int) -> Draws:
    """Return `np.random.default_rng(seed)`, or the stream of `np.random.seed(seed)` that older scripts use."""
    return cast(Draws, np.random.default_rng(seed) if kind == "pcg64" else np.random.RandomState(seed))


@dataclass(frozen=True)
class Fan:
    """How many inputs feed one output of a layer, and how many outputs one input feeds."""

    inputs: int
    outputs: int


class Initializer(Fields):
    """Draws the initial values of one parameter, in float64."""

    def draw(self, shape: tuple[int, ...], fan: Fan, rng: Draws) -> Array:
        """Return float64 values of `shape`."""
        raise NotImplementedError


class Constant(Initializer):
    """Every entry is `value`."""

    type: Literal["constant"] = "constant"
    value: float = 0.0

    def draw(self, shape: tuple[int, ...], fan: Fan, rng: Draws) -> Array:
        return np.full(shape, self.value, dtype=np.float64)


class Uniform(Initializer):
    """U[low, high)."""

    type: Literal["uniform"] = "uniform"
    low: float = 0.0
    high: float = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> "Uniform":
        if self.low >= self.high:
            raise ValueError(f"low must be below high, found low={self.low} and high={self.high}")
        return self

    def draw(self, shape: tuple[int, ...], fan: Fan, rng: Draws) -> Array:
        return rng.uniform(self.low, self.high, shape)


class Normal(Initializer):
    """N(mean, std²)."""

    type: Literal["normal"] = "normal"
    mean: float = 0.0
    std: NonNegativeFloat = 1.0

    def draw(self, shape: tuple[int, ...], fan: Fan, rng: Draws) -> Array:
        return rng.normal(self.mean, self.std, shape)


class _Scaled(Initializer):
    """Values with the variance of a named scheme; see the table above."""

    distribution: Literal["uniform", "normal", "truncated_normal"] = "uniform"

    def variance(self, fan: Fan) -> float:
        raise NotImplementedError

    def draw(self, shape: tuple[int, ...], fan: Fan, rng: Draws) -> Array:
        std = math.sqrt(self.variance(fan))
        if self.distribution == "uniform":
            limit = math.sqrt(3.0) * std
            return rng.uniform(-limit, limit, shape)
        if self.distribution == "normal":
            return rng.normal(0.0, std, shape)
        values = rng.normal(0.0, 1.0, shape)
        while np.any(outside := np.abs(values) > 2.0):
            values[outside] = rng.normal(0.0, 1.0, (int(outside.sum()),))
        return values * (std / TRUNCATED_STD)


class Glorot(_Scaled):
    """Var(w) = 2 / (fan_in + fan_out): keeps the variance of activations and of gradients (Xavier)."""

    type: Literal["glorot"] = "glorot"

    def variance(self, fan: Fan) -> float:
        return 2.0 / (fan.inputs + fan.outputs)


class He(_Scaled):
    """Var(w) = 2 / fan_in: keeps the variance of activations through ReLU (Kaiming)."""

    type: Literal["he"] = "he"

    def variance(self, fan: Fan) -> float:
        return 2.0 / fan.inputs


class LeCun(_Scaled):
    """Var(w) = 1 / fan_in: keeps the variance of activations through a linear or SELU layer."""

    type: Literal["lecun"] = "lecun"

    def variance(self, fan: Fan) -> float:
        return 1.0 / fan.inputs


AnyInitializer = Annotated[Constant | Uniform | Normal | Glorot | He | LeCun, Field(discriminator="type")]
