"""Mistakes in the chain rule where every derivative is right, but a tensor comes from the wrong place."""

from collections.abc import Callable, Sequence
from typing import Any

from backproof.fields import Array
from backproof.layers import Elementwise
from backproof.layers.dense import Dense
from backproof.mistakes.base import AtLayer, Mistake, below, dense_layers, own_parameter
from backproof.mistakes.dense import activated
from backproof.spec import ModelSpec
from backproof.step import State

Backward = tuple[Array, dict[str, Array]]
Other = Callable[[ModelSpec, int], int | None]
"""Which layer is taken for one; None if none could be."""


class _ErrorOfOutput(AtLayer):
    """The gradient of the activation after a dense layer, da, where that before it, δ = da ⊙ f′(z), belongs."""

    def layer_backward(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        if self.site is not None and index == self.site + 1:
            self.error = dy
        return super().layer_backward(index, state, caches, dy)


class _ErrorHandedDown(_ErrorOfOutput):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        _, own = self.right(index, state, caches, dy)
        return self.error @ self.own(index, state)["weight"].T, own


class _ErrorInGradient(_ErrorOfOutput):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        dx, _ = self.right(index, state, caches, dy)
        return dx, self.right(index, state, caches, self.error)[1]


class _WeightsLeftOut(AtLayer):
    """δ itself, spread over all units below where it is a single one."""

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        dx, own = self.right(index, state, caches, dy)
        return dy + 0 * dx, own


class _InputOfNetwork(AtLayer):
    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        dx, own = self.right(index, state, caches, dy)
        x = caches[0] if isinstance(self.layers[0], Dense) else caches[0][0]
        return dx, own | {"weight": x.reshape(-1, x.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])}


class _LastObservationOnly(AtLayer):
    """A loop over observations overwrites the gradient instead of adding to it."""

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        dx, own = self.right(index, state, caches, dy)
        layer, last = self.spec.layers[index], caches[index][-1:]
        return dx, own | layer.backward(self.own(index, state), last, dy[-1:])[1]


def _dense_below(spec: ModelSpec, site: int) -> int | None:
    return _like(spec, site, reversed(range(site)))


def _dense_above(spec: ModelSpec, site: int) -> int | None:
    return _like(spec, site, range(site + 1, len(spec.layers)))


def _like(spec: ModelSpec, site: int, others: Any) -> int | None:
    """Return the first of some layers that is of the same kind and shapes."""
    layer, shapes = spec.layers[site], spec.shapes
    same = (i for i in others if type(spec.layers[i]) is type(layer))
    nearest = next(same, None)
    fits = nearest is not None and shapes[nearest : nearest + 2] == shapes[site : site + 2]
    return nearest if fits else None


class _WeightsBelow(AtLayer):
    other: Other = staticmethod(_dense_below)

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        _, own = self.right(index, state, caches, dy)
        other = type(self).other(self.spec, index)
        assert other is not None
        return dy @ self.own(other, state)["weight"].T, own


class _WeightsAbove(_WeightsBelow):
    other = staticmethod(_dense_above)


class _SlopeBelow(AtLayer):
    other: Other = staticmethod(_dense_below)

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> Backward:
        other = type(self).other(self.spec, index)
        assert other is not None
        return self.layers[other].backward({}, caches[other], dy)


class _SlopeAbove(_SlopeBelow):
    other = staticmethod(_dense_above)


def _hidden(spec: ModelSpec) -> list[int]:
    """Every dense layer with another below it: the error it hands down matters to a parameter."""
    return [i for i in dense_layers(spec) if i is not None][1:]


def _hidden_and_activated(spec: ModelSpec) -> Sequence[int | None]:
    return [i for i in _hidden(spec) if activated(spec, i)]


def _dense_and_activated(spec: ModelSpec) -> Sequence[int | None]:
    return [i for i in dense_layers(spec) if i is not None and activated(spec, i)]


def _without_weights(spec: ModelSpec) -> Sequence[int | None]:
    return [i for i in _hidden(spec) if spec.shapes[i + 1] in (spec.shapes[i], (1,))]


def _as_wide_as_the_input(spec: ModelSpec) -> Sequence[int | None]:
    first = isinstance(spec.layers[0], Dense | Elementwise)
    return [i for i in _hidden(spec) if first and spec.shapes[i] == spec.shapes[0]]


def _dense_with(other: Other) -> Callable[[ModelSpec], Sequence[int | None]]:
    return lambda spec: [i for i in _hidden(spec) if other(spec, i) is not None]


def _activation_with(other: Other) -> Callable[[ModelSpec], Sequence[int | None]]:
    return lambda spec: [
        i for i, one in enumerate(spec.layers) if isinstance(one, Elementwise) and other(spec, i) is not None
    ]


_weight = own_parameter("weight")


def _last_parameter(spec: ModelSpec, site: int | None) -> Any:
    layer = spec.layers[site or 0]
    return own_parameter("bias" if isinstance(layer, Dense) and layer.bias else "weight")(spec, site)


MISTAKES = (
    Mistake(
        "error handed down in place of δ",
        "da of the layer below = da @ Wᵀ",
        "da of the layer below = δ @ Wᵀ, δ = da ⊙ f′(z)",
        _ErrorHandedDown,
        _hidden_and_activated,
        below,
        common=4,
    ),
    Mistake(
        "error in place of δ in the gradients",
        "∂C/∂W = xᵀ @ da",
        "∂C/∂W = xᵀ @ δ, δ = da ⊙ f′(z)",
        _ErrorInGradient,
        _dense_and_activated,
        _last_parameter,
        common=2,
    ),
    Mistake(
        "weights left out on the way back", "da = δ", "da = δ @ Wᵀ", _WeightsLeftOut, _without_weights, below, 1
    ),
    Mistake(
        "weights of the layer below on the way back",
        "da = δ @ (W of the layer below)ᵀ",
        "da = δ @ Wᵀ",
        _WeightsBelow,
        _dense_with(_dense_below),
        below,
        common=2,
    ),
    Mistake(
        "weights of the layer above on the way back",
        "da = δ @ (W of the layer above)ᵀ",
        "da = δ @ Wᵀ",
        _WeightsAbove,
        _dense_with(_dense_above),
        below,
    ),
    Mistake(
        "slope of the layer below",
        "δ = da ⊙ f′(z of the layer below)",
        "δ = da ⊙ f′(z)",
        _SlopeBelow,
        _activation_with(_dense_below),
        below,
        common=2,
    ),
    Mistake(
        "slope of the layer above",
        "δ = da ⊙ f′(z of the layer above)",
        "δ = da ⊙ f′(z)",
        _SlopeAbove,
        _activation_with(_dense_above),
        below,
        common=1,
    ),
    Mistake(
        "network's input in place of the activation below",
        "∂C/∂W = (input of the network)ᵀ @ δ",
        "∂C/∂W = aᵀ @ δ",
        _InputOfNetwork,
        _as_wide_as_the_input,
        _weight,
        common=1,
    ),
    Mistake(
        "gradient of the last observation only",
        "∂C/∂W = x_Bᵀ δ_B",
        "∂C/∂W = Σᵢ xᵢᵀ δᵢ",
        _LastObservationOnly,
        dense_layers,
        _last_parameter,
        common=3,
    ),
)
