"""One training step of the reference: forward, loss, backward, update."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from backproof.errors import BadInput, WeightsError
from backproof.fields import Array
from backproof.optimizers import Slots
from backproof.parameters import check_parameters
from backproof.spec import ModelSpec

Phase = Literal["forward", "loss", "backward", "update"]


@dataclass(frozen=True)
class State:
    """Everything that training carries from one step to the next, in canonical names and layout."""

    parameters: dict[str, Array]
    slots: Slots = field(default_factory=dict)
    buffers: dict[str, Array] = field(default_factory=dict)
    step: int = 0

    def copy(self) -> "State":
        """Return the state with copies of all arrays."""
        return State(
            {name: w.copy() for name, w in self.parameters.items()},
            {slot: {name: s.copy() for name, s in own.items()} for slot, own in self.slots.items()},
            {name: b.copy() for name, b in self.buffers.items()},
            self.step,
        )

    def astype(self, dtype: Any) -> "State":
        """Return the state with every array in `dtype`."""
        return State(
            {name: w.astype(dtype) for name, w in self.parameters.items()},
            {slot: {n: s.astype(dtype) for n, s in own.items()} for slot, own in self.slots.items()},
            {name: b.astype(dtype) for name, b in self.buffers.items()},
            self.step,
        )


def check_state(spec: ModelSpec, state: State) -> None:
    """Raise WeightsError unless the state has exactly the spec's parameters and slots, in their shapes."""
    shapes = {name: parameter.shape for name, parameter in spec.parameters.items()}
    slots = spec.optimizer.slot_names()
    if set(state.slots) != set(slots):
        raise WeightsError(f"slots: expected {sorted(slots)}, found {sorted(state.slots)}")
    groups = {"parameters": state.parameters} | {f"slots.{slot}": own for slot, own in state.slots.items()}
    for place, arrays in groups.items():
        if missing := set(shapes) - set(arrays):
            raise WeightsError(f"{place}: missing {', '.join(sorted(missing))}")
        if extra := set(arrays) - set(shapes):
            raise WeightsError(f"{place}: unexpected {', '.join(sorted(extra))}")
        for name, array in arrays.items():
            if np.shape(array) != shapes[name]:
                raise WeightsError(f"{place}.{name}: expected shape {shapes[name]}, found {np.shape(array)}")


@dataclass(frozen=True)
class StepRecord:
    """What one training step computed, in canonical names and layout."""

    step: int
    outputs: dict[str, Array]
    loss: Array
    input_gradient: Array
    gradients: dict[str, Array]
    updates: dict[str, Array]
    parameters: dict[str, Array]
    slots: Slots
    buffers: dict[str, Array]

    def tensors(self) -> Iterator[tuple[Phase, str, Array]]:
        """Yield phase, label and array in the order of calculation: outputs first, slots and weights last."""
        for name, output in self.outputs.items():
            yield "forward", name, output
        yield "loss", "loss", self.loss
        for name, gradient in reversed(self.gradients.items()):
            yield "backward", f"d {name}", gradient
        yield "backward", "d input", self.input_gradient
        for slot, own in self.slots.items():
            for name, value in own.items():
                yield "update", f"{slot} of {name}", value
        for name, update in self.updates.items():
            yield "update", f"Δ {name}", update
        for name, parameter in self.parameters.items():
            yield "update", name, parameter
        for name, buffer in self.buffers.items():
            yield "update", name, buffer

    def state(self) -> State:
        """Return the state after the step."""
        return State(self.parameters, self.slots, self.buffers, self.step + 1)


class Network:
    """The reference: the spec's meaning, in NumPy, in whatever dtype the arrays have.

    Each method is one phase. A wrong backprop is a subclass that overrides one of them.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec

    def initial_state(self, dtype: Any = np.float64, parameters: Mapping[str, Any] | None = None) -> State:
        """Return the state before the first step, from the spec's initializers or from given parameters.

        Raises
        ------
        WeightsError
            If given parameters are not the spec's, or are misshapen or not finite.
        """
        drawn = self.spec.initial_parameters() if parameters is None else check_parameters(self.spec, parameters)
        start = {name: w.astype(dtype) for name, w in drawn.items()}
        return State(start, self.spec.optimizer.initial_slots(start))

    def forward(self, parameters: dict[str, Array], x: Array) -> tuple[dict[str, Array], list[Any]]:
        """Return every layer's output by name, and the caches that backward needs."""
        outputs: dict[str, Array] = {}
        caches = []
        for index in range(len(self.spec.layers)):
            x, cache = self.layer_forward(index, self.own(index, parameters), x)
            outputs[self.spec.layer_names[index]] = x
            caches.append(cache)
        return outputs, caches

    def layer_forward(self, index: int, own: dict[str, Array], x: Array) -> tuple[Array, Any]:
        """Return the output and the cache of one layer."""
        return self.spec.layers[index].forward(own, x)

    def loss(self, output: Array, y: Array) -> Array:
        """Return the loss, a 0-d array."""
        return self.spec.loss.value(output, y)

    def loss_gradient(self, output: Array, y: Array) -> Array:
        """Return the gradient of the loss with respect to the network's output."""
        return self.spec.loss.gradient(output, y)

    def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        """Return the gradient of the input and of every parameter: the forward walk in reverse.

        `caches` has one entry per layer: a dense layer keeps its input x, an elementwise activation (z, a), and
        softmax its output a. `dy` is the gradient of the loss with respect to the network's output.
        """
        found: dict[str, Array] = {}
        for index in reversed(range(len(self.spec.layers))):
            dy, own = self.layer_backward(index, state, caches, dy)
            found.update({self.spec.own_names[index][short]: gradient for short, gradient in own.items()})
        return dy, {name: found[name] for name in self.spec.parameters}

    def layer_backward(
        self, index: int, state: State, caches: list[Any], dy: Array
    ) -> tuple[Array, dict[str, Array]]:
        """Return the gradient of the input and of the parameters of one layer."""
        return self.spec.layers[index].backward(self.own(index, state.parameters), caches[index], dy)

    def update(self, state: State, gradients: dict[str, Array]) -> tuple[dict[str, Array], Slots]:
        """Return the new parameters and slots."""
        updates, slots = self.spec.optimizer.update(state.parameters, gradients, state.slots, state.step)
        return {name: w + updates[name] for name, w in state.parameters.items()}, slots

    def step(self, state: State, x: Array, y: Array) -> StepRecord:
        """Return the record of one training step; `record.state()` is the state after it."""
        outputs, caches = self.forward(state.parameters, x)
        output = outputs[self.spec.layer_names[-1]]
        loss = self.loss(output, y)
        input_gradient, gradients = self._checked(self.backward(state, caches, self.loss_gradient(output, y)))
        parameters, slots = self.update(state.copy(), gradients)  # a copy, since many update in place
        updates = {name: parameters[name] - w for name, w in state.parameters.items()}
        return StepRecord(
            state.step, outputs, loss, input_gradient, gradients, updates, parameters, slots, state.buffers
        )

    def _checked(self, returned: Any) -> tuple[Array, dict[str, Array]]:
        """Return what `backward` returned, or raise BadInput saying what is wrong with it: it may be a user's."""
        where = f"{type(self).__name__}.backward"
        if not (isinstance(returned, tuple) and len(returned) == 2 and isinstance(returned[1], dict)):
            raise BadInput(
                f"{where}: expected (gradient of the input, gradients by name), found {type(returned).__name__}"
            )
        dx, gradients = np.asanyarray(returned[0]), {n: np.asanyarray(g) for n, g in returned[1].items()}
        if gradients.keys() != self.spec.parameters.keys():
            expected, found = ", ".join(self.spec.parameters), ", ".join(gradients)
            raise BadInput(f"{where}: expected gradients of {expected}, found {found}")
        for name, parameter in self.spec.parameters.items():
            if gradients[name].shape != parameter.shape:
                raise BadInput(f"{where}: {name}: expected shape {parameter.shape}, found {gradients[name].shape}")
        return dx, gradients

    def own(self, index: int, parameters: dict[str, Array]) -> dict[str, Array]:
        """Return one layer's parameters under their short names."""
        return {own: parameters[name] for own, name in self.spec.own_names[index].items()}
