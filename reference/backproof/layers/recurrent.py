"""What the recurrent layers share: the walk over time, and the walk back through time."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, PrivateAttr

from backproof.fields import Array
from backproof.initializers import AnyInitializer, Constant, Fan, Glorot
from backproof.layers import chain
from backproof.layers.base import Cache, Elementwise, Layer, Own, Parameter, Shape, SideInput
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.tanh import Tanh

State = tuple[Array, ...]
"""What a cell carries from step to step, (B, H) each; the hidden state h, which is its output, comes first."""

Gradients = dict[str, Array]


class Recurrent(Layer):
    """A cell walked over time: state_t = step(x_t, state_t−1) for t = 1 ... T, from a state of zeros.

    x is (B, T, F). The output is the hidden state of all steps, (B, T, H), or with `return_sequences` false the
    last one, (B, H). A cell has k blocks of H columns, one block per gate in the order that it states:

        weight (F, kH), recurrent_weight (H, kH), bias (kH,), recurrent_bias (kH,)

    `bias` is added to x_t @ weight, `recurrent_bias` to h_t−1 @ recurrent_weight. PyTorch has both; where they are
    only ever added together, each gets the full gradient, so that their sum learns twice as fast.

    `bidirectional`: a second cell walks from the last step to the first, and both outputs are joined, [forward,
    backward], at each step. The last state of the second cell is the one after step 1. Parameters are then
    `forward.weight` ... `backward.recurrent_bias` (Schuster & Paliwal 1997).

    `lengths`: observation i ends at step n_i, a side input from 1 to T. Outputs beyond are 0, the last state is
    that at n_i, and the second cell starts there.

    The way back is the same walk from the last step to the first: each step's state receives a gradient from the
    output at this step and from the next step, and every step adds to the gradients of the same parameters
    (backpropagation through time, Werbos 1990).
    """

    units: Annotated[int, Field(gt=0, le=10**9)]
    bias: bool = True
    recurrent_bias: bool = False
    return_sequences: bool = True
    bidirectional: bool = False
    lengths: bool = False
    weight_initializer: AnyInitializer = Glorot()
    recurrent_initializer: AnyInitializer = Glorot()
    bias_initializer: AnyInitializer = Constant()

    blocks: ClassVar[int]
    """k, the number of blocks of columns."""
    states: ClassVar[int] = 1
    """How many arrays the state is."""

    _sigmoid: Elementwise = PrivateAttr(default_factory=Sigmoid)
    _tanh: Elementwise = PrivateAttr(default_factory=Tanh)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 2:
            raise ValueError(f"expected an input of two axes besides the batch, time and features, found {shape}")
        width = 2 * self.units if self.bidirectional else self.units
        return (shape[0], width) if self.return_sequences else (width,)

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        columns = self.blocks * self.units
        from_input, from_state = Fan(shape[-1], columns), Fan(self.units, columns)
        declared = {
            "weight": Parameter((shape[-1], columns), self.weight_initializer, from_input),
            "recurrent_weight": Parameter((self.units, columns), self.recurrent_initializer, from_state),
        }
        if self.bias:
            declared["bias"] = Parameter((columns,), self.bias_initializer, from_input)
        if self.recurrent_bias:
            declared["recurrent_bias"] = Parameter((columns,), self.bias_initializer, from_state)
        if not self.bidirectional:
            return declared
        return chain.under("forward", declared) | chain.under("backward", declared)

    def side_inputs(self, shape: Shape) -> dict[str, SideInput]:
        if not self.lengths:
            return {}
        T = shape[0]
        return {"lengths": SideInput((), lambda rng, size: rng.integers(1, T, size, endpoint=True), 1, T)}

    def common(self) -> Layer:
        common = self.model_copy()
        common._sigmoid, common._tanh = Sigmoid().common(), Tanh().common()  # type: ignore[assignment]
        return common

    def step(self, own: Own, x: Array, state: State) -> tuple[State, Cache]:
        """Return the state after a step whose input is x, (B, F), and what `step_back` needs."""
        raise NotImplementedError

    def step_back(self, own: Own, cache: Cache, dstate: State) -> tuple[Array, State, Gradients]:
        """Return the gradients of the step's input, of the state before it and of the parameters."""
        raise NotImplementedError

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        B, T, _ = x.shape
        within = np.arange(T) < own["lengths"][:, None] if self.lengths else np.ones((B, T), bool)
        outputs, caches = [], []
        for direction, order in self._directions():
            y, cache = self.walk(_of(own, direction), x[:, order], within[:, order])
            outputs.append(y[:, order] if self.return_sequences else y)
            caches.append(cache)
        return np.concatenate(outputs, axis=-1), (within, caches)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, Gradients]:
        within, caches = cache
        dx: list[Array] = []
        gradients: Gradients = {}
        for position, (direction, order) in enumerate(self._directions()):
            share = self.block(dy, position)
            share = share[:, order] if self.return_sequences else share
            turned, found = self.walk_back(_of(own, direction), caches[position], within[:, order], share)
            dx.append(turned[:, order])
            gradients |= chain.under(direction, found) if direction else found
        return sum(dx[1:], dx[0]), gradients

    def _directions(self) -> Iterator[tuple[str, slice]]:
        """Yield each cell's name and the order in which it sees the steps: turning twice restores it."""
        yield "forward" if self.bidirectional else "", slice(None)
        if self.bidirectional:
            yield "backward", slice(None, None, -1)

    def walk(self, own: Own, x: Array, within: Array) -> tuple[Array, Cache]:
        """Return the output of one cell; `within`, (B, T), says which steps an observation has.

        At a step that it has not, the state stays and the output is 0.
        """
        state: State = (np.zeros_like(x, shape=(len(x), self.units)),) * self.states
        outputs, caches = [], []
        for t in range(x.shape[1]):
            new, cache = self.step(own, x[:, t], state)
            has = within[:, t, None]
            state = tuple(np.where(has, after, before) for after, before in zip(new, state, strict=True))
            outputs.append(np.where(has, state[0], np.zeros_like(state[0])))
            caches.append(cache)
        return np.stack(outputs, axis=1) if self.return_sequences else state[0], caches

    def walk_back(self, own: Own, caches: Cache, within: Array, dy: Array) -> tuple[Array, Gradients]:
        """Return the gradients of one cell's input and parameters."""
        nothing = np.zeros_like(dy, shape=(len(dy), self.units))
        dstate: State = (nothing if self.return_sequences else dy, *[nothing] * (self.states - 1))
        gradients = {name: np.zeros_like(w) for name, w in own.items()}
        dx = []
        for t in reversed(range(len(caches))):
            has = within[:, t, None]
            if self.return_sequences:
                dstate = (dstate[0] + np.where(has, dy[:, t], nothing), *dstate[1:])
            reached = tuple(np.where(has, d, nothing) for d in dstate)
            dx_t, before, found = self.step_back(own, caches[t], reached)
            dstate = tuple(np.where(has, new, old) for new, old in zip(before, dstate, strict=True))
            gradients = {name: total + found[name] for name, total in gradients.items()}
            dx.append(dx_t)
        return np.stack(dx[::-1], axis=1), gradients

    def block(self, z: Array, k: int) -> Array:
        """Return the columns of block k."""
        return z[..., k * self.units : (k + 1) * self.units]


def _of(own: Own, direction: str) -> Own:
    return chain.of(own, direction) if direction else own


def affine(own: Own, side: str, x: Array) -> Array:
    """Return x @ W + b, with b where there is one; `side` is "" for the input, "recurrent_" for the state."""
    z = x @ own[f"{side}weight"]
    return z + own[f"{side}bias"] if f"{side}bias" in own else z


def affine_back(own: Own, side: str, x: Array, dz: Array) -> tuple[Array, Gradients]:
    """Return the gradients of x, and by name of W and b."""
    gradients = {f"{side}weight": x.T @ dz}
    if f"{side}bias" in own:
        gradients[f"{side}bias"] = dz.sum(axis=0)
    return dz @ own[f"{side}weight"].T, gradients
