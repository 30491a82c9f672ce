"""Mistakes in recurrent layers: what is handed from step to step, where a sequence ends, which gate is which."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Own
from backproof.layers.gru import GRU
from backproof.layers.lstm import LSTM
from backproof.layers.recurrent import Gradients, Recurrent, State, affine_back
from backproof.layers.simple_rnn import SimpleRNN
from backproof.mistakes.base import Mistake, Place, in_layer, own_output
from backproof.spec import ModelSpec

Back = tuple[Array, State, Gradients]

CELLS: tuple[type[Recurrent], ...] = (SimpleRNN, LSTM, GRU)


def _gradient_of(ending: str) -> Callable[[ModelSpec, int | None], Place]:
    """The gradient judged first of the site's parameters with this ending: the last in the spec's order."""

    def place(spec: ModelSpec, site: int | None) -> Place:
        own = [name for name in spec.parameters if name.startswith(f"{spec.layer_names[site or 0]}.")]
        return "backward", f"d {[name for name in own if name.endswith(ending)][-1]}"

    return place


def _right(layer: Recurrent) -> Any:
    """Return the class of which a mistaken layer's is the twin."""
    return type(layer).__bases__[0]


def _in_cells(
    name: str,
    wrong: str,
    right: str,
    methods: dict[str, Callable[..., Any]],
    place: Callable[[ModelSpec, int | None], Place],
    when: Callable[[Any], bool] = lambda layer: True,
    cells: Sequence[type[Recurrent]] = CELLS,
) -> list[Mistake]:
    """Return the mistake in each of the cells."""
    return [
        in_layer(
            f"{cell.model_fields['type'].default}: {name}",
            wrong,
            right,
            type(f"Wrong{cell.__name__}", (cell,), {"__module__": __name__, **methods}),
            place,
            when,
        )
        for cell in cells
    ]


def _hidden_state_cut(self: Recurrent, own: Own, cache: Cache, dstate: State) -> Back:
    dx, (dh, *others), gradients = _right(self).step_back(self, own, cache, dstate)
    return dx, (np.zeros_like(dh), *others), gradients


def _cell_state_cut(self: LSTM, own: Own, cache: Cache, dstate: State) -> Back:
    dx, (dh, dc), gradients = LSTM.step_back(self, own, cache, dstate)
    return dx, (dh, np.zeros_like(dc)), gradients


def _first_step_only(self: Recurrent, own: Own, cache: Cache, dstate: State) -> Back:
    dx, before, gradients = _right(self).step_back(self, own, cache, dstate)
    first = float(not np.any(cache[1]))  # the state before it is 0
    return dx, before, {name: first * gradient for name, gradient in gradients.items()}


def _keep_state_after(self: Recurrent, own: Own, x: Array, state: State) -> tuple[State, Cache]:
    new, cache = _right(self).step(self, own, x, state)
    return new, (cache[0], new[0], *cache[2:])


def _bias_twice(self: Recurrent, own: Own, cache: Cache, dstate: State) -> Back:
    dx, before, gradients = _right(self).step_back(self, own, cache, dstate)
    return dx, before, gradients | {"bias": 2.0 * gradients["bias"]}


def _to_the_end(self: Recurrent, own: Own, x: Array) -> tuple[Array, Cache]:
    every = np.full_like(own["lengths"], x.shape[1])
    return _right(self).forward(self, {**own, "lengths": every}, x)


def _last_output(self: Recurrent, own: Own, x: Array) -> tuple[Array, Cache]:
    sequences = _right(self)(**(dict(self) | {"return_sequences": True}))
    return sequences.forward(own, x)[0][:, -1], _right(self).forward(self, own, x)[1]


def _not_turned_back(self: Recurrent, own: Own, x: Array) -> tuple[Array, Cache]:
    y, cache = _right(self).forward(self, own, x)
    return np.concatenate([self.block(y, 0), self.block(y, 1)[:, ::-1]], axis=-1), cache


def _padding_read_first(self: Recurrent, own: Own, x: Array) -> tuple[Array, Cache]:
    y, cache = _right(self).forward(self, own, x)
    from_the_end = np.where(cache[0][:, :, None], self.block(_to_the_end(self, own, x)[0], 1), 0.0)
    return np.concatenate([self.block(y, 0), from_the_end], axis=-1), cache


def _extra(own: Own, cache: Cache, back: Back, dz: Array) -> Back:
    """Return what a step hands back with dz more in the gradient of its blocks."""
    dx, (dh, *others), gradients = back
    more_x, from_input = affine_back(own, "", cache[0], dz)
    more_h, from_state = affine_back(own, "recurrent_", cache[1], dz)
    more = from_input | from_state
    return dx + more_x, (dh + more_h, *others), {name: g + more[name] for name, g in gradients.items()}


class _NoForgetDerivative(LSTM):
    def step_back(self, own: Own, cache: Cache, dstate: State) -> Back:
        _, _, c, z, gates, _, new, a = cache
        dh, dc = dstate
        dc = dc + dh * self.block(gates, 3) * self._tanh.derivative(new, a)
        df = dc * c * (1.0 - self.block(self._sigmoid.derivative(z, gates), 1))
        nothing = np.zeros_like(df)
        dz = np.concatenate([nothing, df, nothing, nothing], axis=-1)
        return _extra(own, cache, super().step_back(own, cache, dstate), dz)


class _NoTanhDerivative(LSTM):
    def step_back(self, own: Own, cache: Cache, dstate: State) -> Back:
        _, _, _, _, gates, _, new, a = cache
        dh, dc = dstate
        missed = 1.0 - self._tanh.derivative(new, a)
        return super().step_back(own, cache, (dh, dc + dh * self.block(gates, 3) * missed))


def _reordered(layer: Recurrent, own: Own, order: Sequence[int]) -> Own:
    """Return what belongs to the layer with its blocks of columns in another order."""
    return {
        name: np.concatenate([layer.block(w, k) for k in order], axis=-1)
        if name.endswith(("weight", "bias"))
        else w
        for name, w in own.items()
    }


class _OutputGateThird(LSTM):
    def step(self, own: Own, x: Array, state: State) -> tuple[State, Cache]:
        return super().step(_reordered(self, own, (0, 1, 3, 2)), x, state)


class _ForgetBiasOne(LSTM):
    def step(self, own: Own, x: Array, state: State) -> tuple[State, Cache]:
        return super().step({**own, "bias": own["bias"] + np.repeat([0.0, 1.0, 0.0, 0.0], self.units)}, x, state)


class _UpdateGateFirst(GRU):
    def step(self, own: Own, x: Array, state: State) -> tuple[State, Cache]:
        return super().step(_reordered(self, own, (1, 0, 2)), x, state)


class _UpdateGateInverted(GRU):
    def step(self, own: Own, x: Array, state: State) -> tuple[State, Cache]:
        _, cache = super().step(own, x, state)
        _, _, _, gates, *_, n = cache
        z = self.block(gates, 1)
        return (z * n + (1.0 - z) * state[0],), cache


class _ResetElsewhere(GRU):
    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        return self._other().forward(own, x)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, Gradients]:
        return self._other().backward(own, cache, dy)

    def _other(self) -> GRU:
        return GRU(**(dict(self) | {"reset_after": not self.reset_after}))


class _NoDirectPath(GRU):
    def step_back(self, own: Own, cache: Cache, dstate: State) -> Back:
        dx, (dh,), gradients = super().step_back(own, cache, dstate)
        return dx, (dh - dstate[0] * self.block(cache[3], 1),), gradients


MISTAKES = (
    *_in_cells(
        "hidden state's gradient not handed to the step before",
        "dh_t = dy_t",
        "dh_t = dy_t + ∂h_t+1/∂h_tᵀ dh_t+1",
        {"step_back": _hidden_state_cut},
        _gradient_of(""),
    ),
    *_in_cells(
        "gradients of the first step only",
        "dW = x₁ᵀ dz₁",
        "dW = Σ x_tᵀ dz_t",
        {"step_back": _first_step_only},
        _gradient_of(""),
    ),
    *_in_cells(
        "recurrent weight's gradient from the state after the step",
        "dU = Σ h_tᵀ dz_t",
        "dU = Σ h_t−1ᵀ dz_t",
        {"step": _keep_state_after},
        _gradient_of("recurrent_weight"),
        cells=(SimpleRNN, LSTM),
    ),
    *_in_cells(
        "two biases trained where there is one",
        "Δ(b + b′) = −2η Σ dz",
        "Δb = −η Σ dz",
        {"step_back": _bias_twice},
        _gradient_of("bias"),
        lambda layer: layer.bias and not layer.recurrent_bias,
    ),
    *_in_cells(
        "steps beyond the length not masked",
        "t = 1 ... T",
        "t = 1 ... n",
        {"forward": _to_the_end},
        own_output,
        lambda layer: layer.lengths,
    ),
    *_in_cells(
        "last state read from the last output",
        "y = h_T, and h_T of the backward direction",
        "y = h_n, and h₁ of the backward direction",
        {"forward": _last_output},
        own_output,
        lambda layer: not layer.return_sequences and (layer.lengths or layer.bidirectional),
    ),
    *_in_cells(
        "backward direction not turned back",
        "y_t = [→h_t, ←h_T+1−t]",
        "y_t = [→h_t, ←h_t]",
        {"forward": _not_turned_back},
        own_output,
        lambda layer: layer.return_sequences and layer.bidirectional,
    ),
    *_in_cells(
        "backward direction starts in the padding",
        "←h starts at T",
        "←h starts at n",
        {"forward": _padding_read_first},
        own_output,
        lambda layer: layer.return_sequences and layer.bidirectional and layer.lengths,
    ),
    *_in_cells(
        "cell state's gradient not handed to the step before",
        "dc_t = dh_t ⊙ o ⊙ tanh′(c_t)",
        "dc_t = dh_t ⊙ o ⊙ tanh′(c_t) + dc_t+1 ⊙ f_t+1",
        {"step_back": _cell_state_cut},
        _gradient_of(""),
        cells=(LSTM,),
    ),
    in_layer(
        "lstm: forget gate without its derivative",
        "dz_f = dc ⊙ c_t−1",
        "dz_f = dc ⊙ c_t−1 ⊙ σ′(z_f)",
        _NoForgetDerivative,
        _gradient_of(""),
    ),
    in_layer(
        "lstm: tanh of the cell state without its derivative",
        "dc = dh ⊙ o",
        "dc = dh ⊙ o ⊙ tanh′(c)",
        _NoTanhDerivative,
        _gradient_of(""),
    ),
    in_layer("lstm: gates in the order i, f, o, g", "[i, f, o, g]", "[i, f, g, o]", _OutputGateThird, own_output),
    in_layer(
        "lstm: 1 added to the forget gate's bias",
        "f = σ(z_f + 1)",
        "f = σ(z_f)",
        _ForgetBiasOne,
        own_output,
        lambda layer: layer.bias,
    ),
    in_layer("gru: gates in the order z, r, n", "[z, r, n]", "[r, z, n]", _UpdateGateFirst, own_output),
    in_layer(
        "gru: update gate the other way round",
        "h = z ⊙ n + (1 − z) ⊙ h",
        "h = (1 − z) ⊙ n + z ⊙ h",
        _UpdateGateInverted,
        own_output,
    ),
    in_layer(
        "gru: reset gate on the other side of the product",
        "r ⊙ (h U) for (r ⊙ h) U, or the reverse",
        "as `reset_after` says",
        _ResetElsewhere,
        own_output,
    ),
    in_layer(
        "gru: direct path to the state before forgotten",
        "dh_t−1 = ... (without dh ⊙ z)",
        "dh_t−1 = ... + dh ⊙ z",
        _NoDirectPath,
        _gradient_of(""),
    ),
)
