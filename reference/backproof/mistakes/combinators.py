"""Mistakes where several paths meet: a gradient that is added once too seldom, or in the wrong place."""

from typing import Any

from backproof.fields import Array
from backproof.layers.base import Cache, Own
from backproof.layers.combinators import Parallel, Residual
from backproof.mistakes.base import Mistake, Place, WrongNetwork, below, in_layer, own_output
from backproof.spec import ModelSpec
from backproof.step import State

Backward = tuple[Array, dict[str, Array]]


class _NoSkip(Residual):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        return dx - dy, gradients


class _OnlySkip(Residual):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        return dy, super().backward(own, cache, dy)[1]


class _LastBranchOnly(Parallel):
    def backward(self, own: Own, cache: Cache, dy: Array) -> Backward:
        dx, gradients = super().backward(own, cache, dy)
        earlier = Parallel.model_construct(**(dict(self) | {"branches": self.branches[:-1]}))
        outputs, caches = cache
        share = dy[..., : -outputs[-1].shape[-1]] if self.combination == "concatenate" else dy
        return dx - earlier.backward(own, (outputs[:-1], caches), share)[0], gradients


class _Swapped(Parallel):
    def combine(self, outputs: list[Array]) -> Array:
        return super().combine(outputs[::-1])


class _SharedOnce(WrongNetwork):
    """Keeps the gradient of a shared parameter's last use, instead of adding all."""

    def backward(self, state: State, caches: list[Any], dy: Array) -> Backward:
        dx, gradients = super().backward(state, caches, dy)
        for index in reversed(range(len(self.layers))):
            dy, own = self.layer_backward(index, state, caches, dy)
            for short, gradient in own.items():
                if (name := f"{self.spec.layer_names[index]}.{short}") in self._owners():
                    gradients[name] = gradient
        return dx, gradients

    def _owners(self) -> set[str]:
        return {alias.of for alias in self.spec.aliases.values()}


def _first_owner(spec: ModelSpec, site: int | None) -> Place:
    owners = {alias.of for alias in spec.aliases.values()}
    return "backward", f"d {next(name for name in reversed(spec.parameters) if name in owners)}"


MISTAKES = (
    in_layer("skip connection forgotten on the way back", "dx = f′(x)ᵀdy", "dx = dy + f′(x)ᵀdy", _NoSkip, below),
    in_layer("gradient through the skip connection only", "dx = dy", "dx = dy + f′(x)ᵀdy", _OnlySkip, below),
    in_layer(
        "input gradient of one branch only",
        "dx = that of the last branch",
        "dx = Σ over the branches",
        _LastBranchOnly,
        below,
        lambda layer: len(layer.branches) > 1,
    ),
    in_layer(
        "branches joined in the wrong order",
        "[y₂, y₁]",
        "[y₁, y₂]",
        _Swapped,
        own_output,
        lambda layer: layer.combination == "concatenate",
    ),
    Mistake(
        "gradient of a shared parameter kept once",
        "dW = that of one use",
        "dW = Σ over the uses",
        _SharedOnce,
        lambda spec: [None] if spec.aliases else [],
        _first_owner,
    ),
)
