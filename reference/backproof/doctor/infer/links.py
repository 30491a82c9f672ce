"""One dense layer as the code computes it: which arrays are multiplied, what is added, which function follows."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from backproof.doctor.infer.activations import Activation
from backproof.fields import Array

Augmented = Literal["first", "last"] | None
"""Where the bias stands among the rows of a weight matrix that holds it."""


@dataclass(frozen=True)
class Place:
    """Where the code has an array: the site, and whether it lies the other way round there than in the spec."""

    site: int
    flipped: bool = False


@dataclass(frozen=True)
class Link:
    """z = x @ W + b, a = f(z). `out` is where a was seen first (z, where nothing follows it).

    `weight` is flipped where the code keeps (G, F). `found` holds the arrays by which it was found, in rows.
    """

    weight: Place
    bias: Place | None
    augmented: Augmented
    activation: Activation | None
    out: Place
    begun: int
    ended: int
    x: Array
    z: Array
    a: Array
    units: int

    def parameters(self, weight: Array, bias: Array | None) -> tuple[Array, Array | None]:
        """Return weight (F, G) and bias (G,), or None, from the arrays as the code keeps them."""
        W = as_matrix(weight, self.weight.flipped, self.x.shape[1] + (self.augmented is not None), self.units)
        if self.augmented == "first":
            return W[1:], W[0]
        if self.augmented == "last":
            return W[:-1], W[-1]
        return W, None if bias is None else np.broadcast_to(bias.ravel(), (self.units,)).copy()

    def fits(self, x: Array, weight: Array, bias: Array | None) -> bool:
        """Return whether arrays have the sizes of the layer's."""
        held = self.augmented is not None
        return weight.size == (x.shape[1] + held) * self.units and (bias is None or bias.size in (1, self.units))

    def forward(self, x: Array, weight: Array, bias: Array | None) -> tuple[Array, Array]:
        """Return z and a for other arrays at the same places."""
        W, b = self.parameters(weight, bias)
        with np.errstate(all="ignore"):
            z = x @ W if b is None else x @ W + b
        return z, z if self.activation is None else self.activation.value(z)


@dataclass(frozen=True)
class Chain:
    """The layers of a network from the first to the last, and where its input stands.

    A chain that was found without products of arrays, as sums over indices, has for each layer the places where
    its sums are complete, and says of each of the first layer's terms which factor is the weight.
    """

    links: tuple[Link, ...]
    input: Place
    sites: tuple[frozenset[int], ...] = ()
    factors: tuple[int, ...] = ()

    @property
    def by_index(self) -> bool:
        """Whether it was found without products of arrays: sums over indices."""
        return bool(self.sites)

    @property
    def augmented(self) -> Augmented:
        """Where a weight matrix holds the bias."""
        return self.links[0].augmented


@dataclass(frozen=True)
class Pass:
    """One forward pass: its input in rows, the weights and biases (as a spec has them), and all z and a."""

    begun: int
    ended: int
    x: Array
    weights: tuple[Array, ...]
    biases: tuple[Array | None, ...]
    z: tuple[Array, ...]
    a: tuple[Array, ...]

    def same_parameters(self, other: "Pass") -> bool:
        """Return whether nothing was updated between two passes."""
        mine, others = (*self.weights, *self.biases), (*other.weights, *other.biases)
        return all(
            (a is None and b is None) or (a is not None and b is not None and np.array_equal(a, b, equal_nan=True))
            for a, b in zip(mine, others, strict=True)
        )


def as_matrix(array: Array, flipped: bool, F: int, G: int) -> Array:
    """Return an array as (F, G): what has one axis stands for the one that is longer than 1."""
    if array.ndim == 2 and array.shape == ((G, F) if flipped else (F, G)):
        return array.T if flipped else array
    return array.reshape(F, G)


def without_ones(x: Array) -> tuple[Array, Augmented]:
    """Return x (N, F) less a first or last column of ones, and which it was."""
    if x.shape[1] > 1 and np.all(x[:, 0] == 1):
        return x[:, 1:], "first"
    if x.shape[1] > 1 and np.all(x[:, -1] == 1):
        return x[:, :-1], "last"
    return x, None


def less(x: Array, ones: Augmented) -> Array:
    """Return x (N, F) less its first or last column, where that holds the ones."""
    return x[:, 1:] if ones == "first" else x[:, :-1] if ones == "last" else x
