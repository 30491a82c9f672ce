"""The reference made quick: the same layers, loss and optimizer, without the bookkeeping that a record needs."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import numpy as np

from backproof.clipping import ClipByNorm
from backproof.fields import Array
from backproof.layers import chain
from backproof.optimizers import Muon, Optimizer, Slots
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State

ALL = "all"
"""The name of all parameters end to end in one array."""


def entry_by_entry(optimizer: Optimizer) -> bool:
    """Return whether an update treats all entries alike, whichever parameter they belong to."""
    by_tensor = isinstance(optimizer.clip, ClipByNorm) and optimizer.clip.scope == "tensor"
    return not (optimizer.groups or by_tensor or isinstance(optimizer, Muon))


class Quick(Network):
    """The reference for thousands of small steps.

    Names are looked up once. Where the optimizer works entry by entry it sees all parameters as one long array,
    and its slots are kept under the name `all`.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        places = {name: (name, False) for name in (*spec.parameters, *spec.buffers)}
        places |= {name: (alias.of, alias.transposed) for name, alias in spec.aliases.items()}
        self.names: list[list[tuple[str, str, bool]]] = []
        for layer in spec.layer_names:
            short = [(name[len(layer) + 1 :], *places[name]) for name in places if name.startswith(f"{layer}.")]
            self.names.append(short)
        self.shapes = {name: parameter.shape for name, parameter in spec.parameters.items()}
        self.ends = list(accumulate(int(np.prod(shape)) for shape in self.shapes.values()))
        self.jointly = bool(self.shapes) and entry_by_entry(spec.optimizer)

    def join(self, arrays: Mapping[str, Array]) -> Array:
        """Return one array per parameter as one long array."""
        return np.concatenate([arrays[name].ravel() for name in self.shapes])

    def part(self, joined: Array) -> dict[str, Array]:
        """Return views of a long array, one per parameter."""
        starts = [0, *self.ends]
        return {
            name: joined[start:end].reshape(shape)
            for (name, shape), start, end in zip(self.shapes.items(), starts, self.ends, strict=False)
        }

    def initial_state(self, dtype: Any = np.float64, parameters: Mapping[str, Any] | None = None) -> State:
        state = super().initial_state(dtype, parameters)
        if not self.jointly:
            return state
        slots = self.spec.optimizer.initial_slots({ALL: self.join(state.parameters)})
        return State(state.parameters, slots, state.buffers)

    def own(self, index: int, state: State, side: Mapping[str, Array] | None = None) -> dict[str, Array]:
        own = {}
        for short, name, transposed in self.names[index]:
            array = state.parameters[name] if name in self.shapes else state.buffers[name]
            own[short] = array.T if transposed else array
        return own | chain.of(side, self.spec.layer_names[index]) if side else own

    def side(self, size: int, state: State) -> Mapping[str, Array]:
        """Return the side inputs of a step in the working precision."""
        if not self.spec.side_inputs:
            return {}
        drawn = self.spec.random_side(size, state.step)
        return Batch(np.empty(0), np.empty(0), drawn).astype(state.dtype).side

    def output(self, state: State, x: Array, side: Mapping[str, Array]) -> tuple[Array, list[Any]]:
        """Return the network's output, and the caches that `backward` needs."""
        caches = []
        for index, layer in enumerate(self.layers):
            x, cache = layer.forward(self.own(index, state, side), x)
            caches.append(cache)
        return x, caches

    def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        if self.spec.aliases:
            return super().backward(state, caches, dy)
        found = {}
        for index in reversed(range(len(self.layers))):
            dy, own = self.layers[index].backward(self.own(index, state), caches[index], dy)
            for short, name, _ in self.names[index]:
                if short in own:
                    found[name] = own[short]
        return dy, found

    def gradient(self, state: State, x: Array, y: Array) -> tuple[dict[str, Array], list[Any], Array]:
        """Return the gradient of every parameter, the caches of the layers, and ∂C/∂output, for one batch."""
        side = self.side(len(x), state)
        output, caches = self.output(state, x, side)
        dy = self.loss_gradient(output, y, chain.of(side, "loss") if side else side)
        return self.backward(state, caches, dy)[1], caches, dy

    def changes(self, state: State, gradients: dict[str, Array]) -> tuple[dict[str, Array], Slots]:
        """Return Δ of every parameter, and the new slots."""
        optimizer = self.spec.optimizer
        if not self.jointly:
            return optimizer.update(state.parameters, gradients, state.slots, state.step)
        joined = {ALL: self.join(state.parameters)}, {ALL: self.join(gradients)}
        updates, slots = optimizer.update(*joined, state.slots, state.step)
        return self.part(updates[ALL]), slots

    def after(self, state: State, gradients: dict[str, Array], caches: list[Any]) -> State:
        """Return the state after a step."""
        updates, slots = self.changes(state, gradients)
        parameters = {name: w + updates[name] for name, w in state.parameters.items()}
        buffers = self.new_buffers(state, caches) if state.buffers else state.buffers
        return State(parameters, slots, buffers, state.step + 1)
