"""Recurrent layers: `jax.lax.scan` over a cell."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof.layers import chain
from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply

Own = Mapping[str, jax.Array]
State = tuple[jax.Array, ...]
Cell = Callable[[Any, Own, jax.Array, State], State]
"""(layer of the spec, the cell's parameters, x_t @ W + b, state) to the state after the step, h first."""


def from_state(own: Own, h: jax.Array, columns: slice = slice(None)) -> jax.Array:
    """Return h @ U + b′, or some columns of it, with b′ where there is one."""
    s = h @ own["recurrent_weight"][:, columns]
    return s + own["recurrent_bias"][columns] if "recurrent_bias" in own else s


def simple_rnn(layer: Any, own: Own, a: jax.Array, state: State) -> State:
    """Return h = f(a + h U)."""
    activation = jnp.tanh if layer.activation == "tanh" else jax.nn.relu
    return (activation(a + from_state(own, state[0])),)


def lstm(layer: Any, own: Own, a: jax.Array, state: State) -> State:
    """Return h = o ⊙ tanh(c) and c = f ⊙ c + i ⊙ g."""
    h, c = state
    i, f, g, o = jnp.split(a + from_state(own, h), 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def gru(layer: Any, own: Own, a: jax.Array, state: State) -> State:
    """Return h = (1 − z) ⊙ n + z ⊙ h, the reset gate before or after the product."""
    (h,) = state
    gates, candidate = slice(0, 2 * layer.units), slice(2 * layer.units, None)
    r, z = jnp.split(jax.nn.sigmoid(a[:, gates] + from_state(own, h, gates)), 2, axis=-1)
    s = r * from_state(own, h, candidate) if layer.reset_after else from_state(own, r * h, candidate)
    return ((1.0 - z) * jnp.tanh(a[:, candidate] + s) + z * h,)


def _walk(cell: Cell, layer: Any, own: Own, x: jax.Array, within: jax.Array, reverse: bool) -> jax.Array:
    """Return all steps' hidden states, or the last; `within`, (B, T), says which steps an observation has."""
    a = x @ own["weight"]
    a = a + own["bias"] if "bias" in own else a

    def step(state: State, at: tuple[jax.Array, jax.Array]) -> tuple[State, jax.Array]:
        a_t, has = at[0], at[1][:, None]
        new = cell(layer, own, a_t, state)
        state = tuple(jnp.where(has, after, before) for after, before in zip(new, state, strict=True))
        return state, jnp.where(has, state[0], 0.0)

    start = (jnp.zeros((len(x), layer.units), x.dtype),) * layer.states
    state, outputs = jax.lax.scan(step, start, (a.swapaxes(0, 1), within.T), reverse=reverse)
    return outputs.swapaxes(0, 1) if layer.return_sequences else state[0]


def _row(cell: Cell) -> Row[Apply]:
    def apply(layer: Any, own: Own, x: jax.Array) -> jax.Array:
        steps = jnp.arange(x.shape[1])
        within = steps < (own["lengths"][:, None] if layer.lengths else x.shape[1])
        within = jnp.broadcast_to(within, x.shape[:2])
        if not layer.bidirectional:
            return _walk(cell, layer, own, x, within, False)
        directions = {"forward": False, "backward": True}
        outputs = [_walk(cell, layer, chain.of(own, name), x, within, turn) for name, turn in directions.items()]
        return jnp.concatenate(outputs, axis=-1)

    return Row(apply)


ROWS: dict[str, Row[Apply]] = {"simple_rnn": _row(simple_rnn), "lstm": _row(lstm), "gru": _row(gru)}
