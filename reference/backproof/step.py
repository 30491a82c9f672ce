"""One training step of the reference: forward, loss, backward, update."""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from backproof.errors import BadInput, WeightsError
from backproof.fields import Array
from backproof.layers import Layer, chain
from backproof.losses import NOTHING
from backproof.optimizers import AVERAGE, Slots
from backproof.parameters import check_parameters
from backproof.spec import Batch, ModelSpec

Phase = Literal["forward", "loss", "backward", "update", "inference"]


@dataclass(frozen=True)
class State:
    """Everything that training carries from one step to the next, in canonical names and layout."""

    parameters: dict[str, Array]
    slots: Slots = field(default_factory=dict)
    buffers: dict[str, Array] = field(default_factory=dict)
    step: int = 0

    @property
    def dtype(self) -> Any:
        """The working precision."""
        return next((w.dtype for w in self.parameters.values()), np.dtype(np.float64))

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
    """Raise WeightsError unless the state has just the spec's parameters, slots and buffers, in their shapes."""
    shapes = {name: parameter.shape for name, parameter in spec.parameters.items()}
    slots = spec.optimizer.slot_names()
    if set(state.slots) != set(slots):
        raise WeightsError(f"slots: expected {sorted(slots)}, found {sorted(state.slots)}")
    groups = {"parameters": (shapes, state.parameters)}
    groups |= {f"slots.{slot}": (shapes, own) for slot, own in state.slots.items()}
    groups["buffers"] = ({name: buffer.shape for name, buffer in spec.buffers.items()}, state.buffers)
    for place, (expected, arrays) in groups.items():
        if missing := set(expected) - set(arrays):
            raise WeightsError(f"{place}: missing {', '.join(sorted(missing))}")
        if extra := set(arrays) - set(expected):
            raise WeightsError(f"{place}: unexpected {', '.join(sorted(extra))}")
        for name, array in arrays.items():
            if np.shape(array) != expected[name]:
                raise WeightsError(f"{place}.{name}: expected shape {expected[name]}, found {np.shape(array)}")


@dataclass(frozen=True)
class StepRecord:
    """What one training step computed, in canonical names and layout.

    `input_gradient` is None where the input is indices. `inference` has the outputs of all layers for the same
    batch after the step, as the network is used then; it is empty where that is no other calculation.
    """

    step: int
    outputs: dict[str, Array]
    loss: Array
    input_gradient: Array | None
    gradients: dict[str, Array]
    updates: dict[str, Array]
    parameters: dict[str, Array]
    slots: Slots
    buffers: dict[str, Array]
    inference: dict[str, Array] = field(default_factory=dict)

    def tensors(self) -> Iterator[tuple[Phase, str, Array]]:
        """Yield phase, label and array in the order of calculation: outputs first, slots and weights last."""
        for name, output in self.outputs.items():
            yield "forward", name, output
        for name, buffer in self.buffers.items():
            yield "forward", name, buffer
        yield "loss", "loss", self.loss
        for name, gradient in reversed(self.gradients.items()):
            yield "backward", f"d {name}", gradient
        if self.input_gradient is not None:
            yield "backward", "d input", self.input_gradient
        for slot, own in self.slots.items():
            if slot != AVERAGE:  # which follows the new weights
                yield from (("update", f"{slot} of {name}", value) for name, value in own.items())
        for name, update in self.updates.items():
            yield "update", f"Δ {name}", update
        for name, parameter in self.parameters.items():
            yield "update", name, parameter
        for name, value in self.slots.get(AVERAGE, {}).items():
            yield "update", f"{AVERAGE} of {name}", value
        for name, output in self.inference.items():
            yield "inference", name, output

    def state(self) -> State:
        """Return the state after the step."""
        return State(self.parameters, self.slots, self.buffers, self.step + 1)


class Network:
    """The reference: the spec's meaning, in NumPy, in whatever dtype the arrays have.

    Each method is one phase. A wrong backprop is a subclass that overrides one of them, or a network whose
    `layers` are not all the spec's.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.layers: Sequence[Layer] = spec.layers

    def initial_state(self, dtype: Any = np.float64, parameters: Mapping[str, Any] | None = None) -> State:
        """Return the state before the first step, from the spec's initializers or from given parameters.

        Raises
        ------
        WeightsError
            If given parameters are not the spec's, or are misshapen or not finite.
        """
        drawn = self.spec.initial_parameters() if parameters is None else check_parameters(self.spec, parameters)
        start = {name: w.astype(dtype) for name, w in drawn.items()}
        buffers = {name: np.full(b.shape, b.initial, dtype) for name, b in self.spec.buffers.items()}
        return State(start, self.spec.optimizer.initial_slots(start), buffers)

    def forward(
        self, state: State, x: Array, side: Mapping[str, Array] | None = None
    ) -> tuple[dict[str, Array], list[Any]]:
        """Return the outputs of all layers by path, and the caches that backward needs, one per layer."""
        outputs: dict[str, Array] = {}
        caches = []
        for index, name in enumerate(self.spec.layer_names):
            x, cache = self.layer_forward(index, self.own(index, state, side), x)
            outputs |= chain.under(name, self.layers[index].inner_outputs(cache))
            outputs[name] = x
            caches.append(cache)
        return outputs, caches

    def layer_forward(self, index: int, own: dict[str, Array], x: Array) -> tuple[Array, Any]:
        """Return the output and the cache of one layer."""
        return self.layers[index].forward(own, x)

    def new_buffers(self, state: State, caches: list[Any]) -> dict[str, Array]:
        """Return the buffers after the forward pass."""
        found: dict[str, Array] = {}
        for index, name in enumerate(self.spec.layer_names):
            found |= chain.under(name, self.layers[index].new_buffers(self.own(index, state), caches[index]))
        return state.buffers | found

    def loss(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return the loss, a 0-d array."""
        return self.spec.loss.value(output, y, side)

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        """Return the gradient of the loss with respect to the network's output."""
        return self.spec.loss.gradient(output, y, side)

    def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        """Return the gradient of the input and of every parameter: the forward walk in reverse.

        `caches` has one entry per layer: a dense layer keeps its input x, an elementwise activation (z, a), and
        softmax its output a. `dy` is the gradient of the loss with respect to the network's output.
        """
        found: dict[str, Array] = {}
        for index in reversed(range(len(self.layers))):
            dy, own = self.layer_backward(index, state, caches, dy)
            for name, gradient in chain.under(self.spec.layer_names[index], own).items():
                if alias := self.spec.aliases.get(name):
                    name, gradient = alias.of, gradient.T if alias.transposed else gradient
                found[name] = found[name] + gradient if name in found else gradient
        return dy, {name: found[name] for name in self.spec.parameters}

    def layer_backward(
        self, index: int, state: State, caches: list[Any], dy: Array
    ) -> tuple[Array, dict[str, Array]]:
        """Return the gradient of the input and of the parameters of one layer."""
        return self.layers[index].backward(self.own(index, state), caches[index], dy)

    def update(self, state: State, gradients: dict[str, Array]) -> tuple[dict[str, Array], Slots]:
        """Return the new parameters and slots."""
        updates, slots = self.spec.optimizer.update(state.parameters, gradients, state.slots, state.step)
        return {name: w + updates[name] for name, w in state.parameters.items()}, slots

    def step(self, state: State, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        """Return the record of one training step; `record.state()` is the state after it.

        Side inputs that are absent are drawn from the spec's seed and the number of the step.
        """
        if side is None:
            drawn = self.spec.random_side(len(x), state.step)
            side = Batch(x, y, drawn).astype(state.dtype).side
        outputs, caches = self.forward(state, x, side)
        output = outputs[self.spec.layer_names[-1]]
        # Only to a loss that has side inputs: whoever overrides these methods need not know of any.
        fed: dict[str, Array] = chain.of(side, "loss")
        of_loss = [fed] if fed else []
        loss = self.loss(output, y, *of_loss)
        dy = self.loss_gradient(output, y, *of_loss)
        input_gradient, gradients = self._checked(self.backward(state, caches, dy))
        parameters, slots = self.update(state.copy(), gradients)  # a copy, since many update in place
        updates = {name: parameters[name] - w for name, w in state.parameters.items()}
        buffers = self.new_buffers(state, caches)
        after = State(parameters, slots, buffers, state.step + 1)
        return StepRecord(
            state.step,
            outputs,
            loss,
            input_gradient if self.spec.indices is None else None,
            gradients,
            updates,
            parameters,
            slots,
            buffers,
            self.infer(after, x, side) if self.spec.at_inference is not self.spec.layers else {},
        )

    def infer(self, state: State, x: Array, side: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """Return the outputs of all layers by path, as the network is used when it is not trained."""
        used = copy(self)
        used.layers = tuple(layer.inference() for layer in self.layers)
        return used.forward(state, x, side)[0]

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

    def own(self, index: int, state: State, side: Mapping[str, Array] | None = None) -> dict[str, Array]:
        """Return what belongs to one layer, under short names: parameters, buffers and, if given, side inputs."""
        shared = {
            name: state.parameters[alias.of].T if alias.transposed else state.parameters[alias.of]
            for name, alias in self.spec.aliases.items()
        }
        return chain.of(state.parameters | shared | state.buffers | dict(side or {}), self.spec.layer_names[index])
