"""What a mistake is: the reference with one method gone wrong, and where that shows first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from types import new_class
from typing import Any, Protocol

from backproof.fields import Array
from backproof.layers import Layer
from backproof.layers.dense import Dense
from backproof.losses import NOTHING, Loss
from backproof.optimizers import Slots
from backproof.spec import ModelSpec
from backproof.step import Network, Phase, State

Place = tuple[Phase, str]
"""(phase, tensor), as a verdict names them."""


class WrongNetwork(Network):
    """A network with a mistake at one layer (`site`), or in a phase that has no layer (`site` is None).

    Whatever a subclass does not do wrong, the network `inner` does: the reference, or one that is mistaken itself.
    The walks through the layers (`forward`, `backward`, `step`) are the outermost network's own; of what it calls
    on the way, each mistake answers for its part and hands the rest inwards.
    """

    def __init__(self, spec: ModelSpec, site: int | None = None, inner: Network | None = None) -> None:
        self.inner = Network(spec) if inner is None else inner  # whose layers are kept: hence no super().__init__
        self.spec = spec
        self.site = site

    @property
    def layers(self) -> Sequence[Layer]:
        """The layers of the innermost network, which all around it share."""
        return self.inner.layers

    @layers.setter
    def layers(self, layers: Sequence[Layer]) -> None:
        self.inner.layers = layers

    def __copy__(self) -> "WrongNetwork":
        twin = object.__new__(type(self))
        twin.__dict__ |= self.__dict__ | {"inner": copy(self.inner)}
        return twin

    def own(self, index: int, state: State, side: Mapping[str, Array] | None = None) -> dict[str, Array]:
        return self.inner.own(index, state, side)

    def layer_forward(self, index: int, own: dict[str, Array], x: Array) -> tuple[Array, Any]:
        return self.inner.layer_forward(index, own, x)

    def loss(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self.inner.loss(output, y, side)

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self.inner.loss_gradient(output, y, side)

    def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        dx, gradients = super().backward(state, caches, dy)
        return dx, self.collected(gradients)

    def layer_backward(
        self, index: int, state: State, caches: list[Any], dy: Array
    ) -> tuple[Array, dict[str, Array]]:
        return self.inner.layer_backward(index, state, caches, dy)

    def collected(self, gradients: dict[str, Array]) -> dict[str, Array]:
        """Return what is made of the gradients after the walk back."""
        return self.inner.collected(gradients) if isinstance(self.inner, WrongNetwork) else gradients

    def update(self, state: State, gradients: dict[str, Array]) -> tuple[dict[str, Array], Slots]:
        return self.inner.update(state, gradients)


class Maker(Protocol):
    """A subclass of WrongNetwork, or a function like it."""

    def __call__(self, spec: ModelSpec, site: int | None, inner: Network | None) -> WrongNetwork:
        """Return `inner` (the reference, where it is None) with a mistake at `site`."""


@dataclass(frozen=True)
class Mistake:
    """One wrong backprop that people really write.

    `wrong` and `right` are the formula as written and as it should be. `sites` lists the layers of a spec where
    the mistake can be made ([None] for one that belongs to no layer, [] where it cannot be made at all).
    `place` says where it shows first, provided that it changes anything there. `common` says how often people
    make it compared with others (about the number of cases in a survey of 229), where that is known.
    """

    name: str
    wrong: str
    right: str
    network: Maker
    sites: Callable[[ModelSpec], Sequence[int | None]]
    place: Callable[[ModelSpec, int | None], Place]
    common: int = 0

    def make(self, spec: ModelSpec, site: int | None, inner: Network | None = None) -> WrongNetwork:
        """Return the reference with this mistake, or a network that has others already with this one besides."""
        return self.network(spec, site, inner)


def compose(spec: ModelSpec, made: Iterable[tuple[Mistake, int | None]]) -> Network:
    """Return the reference with several mistakes, each at its site.

    What is calculated later goes around what is earlier: a layer's mistake sees the gradient of a mistaken loss,
    and what a mistaken layer above it hands down. Where two replace the same thing (the slope of one activation),
    the later one of the two counts. Mistakes of the update are made in the order given; in the catalogue the
    optimizers' formulas come before what scales or drops their updates.
    """
    network: Network | None = None
    for mistake, site in sorted(made, key=lambda one: _depth(one[0], one[1], spec)):
        network = mistake.make(spec, site, network)
    return Network(spec) if network is None else network


def _depth(mistake: Mistake, site: int | None, spec: ModelSpec) -> tuple[bool, bool, bool, int]:
    phase, _ = mistake.place(spec, site)
    return phase == "update", phase != "forward", site is not None, -(site or 0)


def anywhere(spec: ModelSpec) -> Sequence[int | None]:
    """The mistake belongs to no layer."""
    return [None]


def dense_layers(spec: ModelSpec) -> Sequence[int | None]:
    """Every dense layer."""
    return [i for i, layer in enumerate(spec.layers) if isinstance(layer, Dense)]


def square_dense_layers(spec: ModelSpec) -> Sequence[int | None]:
    """Every dense layer with as many inputs as outputs: there, shapes hide a transposition."""
    return [i for i in dense_layers(spec) if i is not None and spec.shapes[i] == spec.shapes[i + 1]]


def own_parameter(which: str) -> Callable[[ModelSpec, int | None], Place]:
    """The gradient of the site's own parameter."""
    return lambda spec, site: ("backward", f"d {spec.layer_names[site or 0]}.{which}")


def below(spec: ModelSpec, site: int | None) -> Place:
    """The first gradient computed from the site's input gradient: the nearest parameter below, or the input's."""
    names = list(spec.parameters)
    lower = spec.layer_names[: len(spec.layers) if site is None else site]
    for layer in reversed(lower):
        own = [name for name in names if name.startswith(f"{layer}.")]
        if own:
            return "backward", f"d {own[-1]}"
    return "backward", "d input"


def first_update(spec: ModelSpec, site: int | None) -> Place:
    """The update of the first parameter."""
    return "update", f"Δ {next(iter(spec.parameters))}"


def first_slot(spec: ModelSpec, site: int | None) -> Place:
    """The first slot of the optimizer's formula, of the first parameter; its update where there is none."""
    slots = spec.optimizer.own_slots()
    return ("update", f"{slots[0]} of {next(iter(spec.parameters))}") if slots else first_update(spec, site)


def last_slot(spec: ModelSpec, site: int | None) -> Place:
    """The last slot of the optimizer's formula, of the first parameter: the one nearest to the update."""
    return "update", f"{spec.optimizer.own_slots()[-1]} of {next(iter(spec.parameters))}"


class AtLayer(WrongNetwork):
    """A mistake in one layer's backward: a subclass says what happens there instead."""

    def layer_backward(
        self, index: int, state: State, caches: list[Any], dy: Array
    ) -> tuple[Array, dict[str, Array]]:
        if index != self.site:
            return super().layer_backward(index, state, caches, dy)
        return self.wrong(index, state, caches, dy)

    def right(self, index: int, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        """Return what the layer's backward should."""
        return super().layer_backward(index, state, caches, dy)

    def wrong(self, index: int, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        """Return what the mistaken layer's backward does."""
        raise NotImplementedError


class _WithLayer(WrongNetwork):
    """A network in which one layer is a mistaken twin of the spec's."""

    def __init__(self, spec: ModelSpec, site: int | None, inner: Network | None, wrong: type[Layer]) -> None:
        super().__init__(spec, site, inner)
        layers = list(self.layers)
        if site is not None:
            right = type(layers[site])
            twin: Any = wrong if right in wrong.__bases__ else new_class(wrong.__name__, (wrong, right))
            layers[site] = twin.model_construct(**dict(layers[site]))
        self.layers = tuple(layers)


def in_layer(
    name: str,
    wrong: str,
    right: str,
    layer: type[Layer],
    place: Callable[[ModelSpec, int | None], Place],
    when: Callable[[Any], bool] = lambda layer: True,
    common: int = 0,
) -> Mistake:
    """Return a mistake that is a subclass of the layer it is made in, with one method gone wrong.

    It can be made in every layer of just that class for which `when` holds; where the class is what several
    layers share, and has no type of its own, in all of those.
    """
    (of,) = layer.__bases__
    shared = "type" not in layer.model_fields

    def sites(spec: ModelSpec) -> Sequence[int | None]:
        made = [i for i, one in enumerate(spec.layers) if (isinstance(one, of) if shared else type(one) is of)]
        return [i for i in made if when(spec.layers[i])]

    return Mistake(name, wrong, right, partial(_WithLayer, wrong=layer), sites, place, common)


class _WithLoss(WrongNetwork):
    """A network judged by a mistaken twin of the spec's loss."""

    def __init__(self, spec: ModelSpec, site: int | None, inner: Network | None, wrong: type[Loss]) -> None:
        super().__init__(spec, site, inner)
        self.mistaken = wrong.model_construct(**dict(spec.loss))

    def loss(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self.mistaken.value(output, y, side)

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self.mistaken.gradient(output, y, side)


def in_loss(
    name: str,
    wrong: str,
    right: str,
    loss: type[Loss],
    place: Callable[[ModelSpec, int | None], Place],
    when: Callable[[Any], bool] = lambda loss: True,
) -> Mistake:
    """Return a mistake that is a subclass of the loss it is made in, with one method gone wrong.

    It can be made in every loss of just that class for which `when` holds.
    """
    (of,) = loss.__bases__

    def sites(spec: ModelSpec) -> Sequence[int | None]:
        return [None] if type(spec.loss) is of and when(spec.loss) else []

    return Mistake(name, wrong, right, partial(_WithLoss, wrong=loss), sites, place)


def the_loss(spec: ModelSpec, site: int | None) -> Place:
    """The loss itself."""
    return "loss", "loss"


def own_output(spec: ModelSpec, site: int | None) -> Place:
    """The output of the site's layer."""
    return "forward", spec.layer_names[site or 0]


def own_buffer(which: str) -> Callable[[ModelSpec, int | None], Place]:
    """A buffer of the site's layer."""
    return lambda spec, site: ("forward", f"{spec.layer_names[site or 0]}.{which}")
