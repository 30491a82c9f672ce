"""What passes between the layers on the way back: the reference's own numbers, which its record does not keep."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backproof.fields import Array
from backproof.layers import Own, chain
from backproof.layers.combinators import Composite
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State, StepRecord


@dataclass(frozen=True)
class Passage:
    """One layer on the way back: what it had kept, what it was given, and what it returned."""

    cache: Any
    dy: Array
    dx: Array
    gradients: Mapping[str, Array]
    own: Own


class Watched(Network):
    """The reference, remembering what its layers hand each other on the way back."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.passages: dict[str, Passage] = {}

    def layer_backward(
        self, index: int, state: State, caches: list[Any], dy: Array
    ) -> tuple[Array, dict[str, Array]]:
        dx, gradients = super().layer_backward(index, state, caches, dy)
        name, layer, own = self.spec.layer_names[index], self.layers[index], self.own(index, state)
        self.passages[name] = passage = Passage(caches[index], dy, dx, gradients, own)
        if isinstance(layer, Composite):
            self.passages |= dict(_within(name, layer, passage))
        return dx, gradients


def watch(spec: ModelSpec, state: State, batch: Batch) -> tuple[StepRecord, dict[str, Passage]]:
    """Return the record of a step, and what passed through every layer, within blocks too, by its path."""
    network = Watched(spec)
    record = network.step(state, *batch)
    return record, network.passages


def _within(path: str, block: Composite, through: Passage) -> Iterator[tuple[str, Passage]]:
    """Yield path and passage of all layers of a block: its own walk back, made once more."""
    outputs, caches = through.cache
    shares = block.split(outputs, through.dy)
    for (name, layers), dy in zip(block.chains().items(), shares, strict=True):
        prefix = f"{name}." if name else ""
        for layer, cache in zip(reversed(layers), reversed(caches[name][1]), strict=True):
            own: dict[str, Array] = chain.of(through.own, f"{prefix}{layer.name}")
            dx, gradients = layer.backward(own, cache, dy)
            passage, inner = Passage(cache, dy, dx, gradients, own), f"{path}.{prefix}{layer.name}"
            yield inner, passage
            if isinstance(layer, Composite):
                yield from _within(inner, layer, passage)
            dy = dx
