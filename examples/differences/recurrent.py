"""Recurrent layers."""

from typing import Any

import keras
import numpy as np
import torch
from differences import Measured, as_numpy, difference, distance, random
from frameworks import call, in_keras, in_torch
from measure import compare, text

TIME, INPUTS, UNITS = 4, 3, 2


def arrays(gates: int) -> list[np.ndarray]:
    """An input, and torch's arrays: the weight from the input, the one from the state, and their biases."""
    rows = gates * UNITS
    x, W, U = random(5, TIME, INPUTS), random(rows, INPUTS), random(rows, UNITS)
    return [x, W, U, random(rows, seed=2), random(rows, seed=3)]


def torch_layer(kind: Any, **options: Any) -> Any:
    """A torch layer as a function of its input and its four arrays; the whole sequence comes out."""
    module = kind(INPUTS, UNITS, dtype=torch.float64, **{"batch_first": True, **options})
    names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]

    def layer(x: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(module, dict(zip(names, weights, strict=True)), (x,))[0]

    return layer


def keras_layer(kind: Any, **options: Any) -> Any:
    """A Keras layer as a function of its input and its three arrays; the whole sequence comes out."""
    layer = kind(UNITS, return_sequences=True, dtype="float64", **options)
    return lambda x, *weights: call(layer, list(weights), x)


T = keras.ops.transpose


@difference(
    "Two biases of a recurrent layer",
    cause="torch adds a bias to W x and another to U h; Keras has one.",
    mapping="bias = bias_ih + bias_hh, and kernels transposed. The gates of an LSTM lie in one order: i, f, g, o "
    "(g is c in Keras).",
    naive={"keras SimpleRNN": 1.8, "keras LSTM": 5.5},
)
def two_biases_of_a_recurrent_layer() -> Measured:
    """Takes bias_ih for the bias."""

    def measured(case: str, in_torch: Any, in_keras: Any, gates: int) -> Measured:
        return compare(
            arrays(gates),
            ("torch", in_torch),
            {
                case: (
                    lambda x, W, U, b, c: in_keras(x, T(W), T(U), b),
                    lambda x, W, U, b, c: in_keras(x, T(W), T(U), b + c),
                )
            },
        )

    return {
        **measured("keras SimpleRNN", torch_layer(torch.nn.RNN), keras_layer(keras.layers.SimpleRNN), 1),
        **measured("keras LSTM", torch_layer(torch.nn.LSTM), keras_layer(keras.layers.LSTM), 4),
    }


@difference(
    "Two biases of a recurrent layer in training",
    cause="Both biases of torch receive the whole gradient, so that their sum moves twice as far under SGD.",
    mapping="The sum in bias_ih; bias_hh = 0, requires_grad_(False), and not given to the optimizer.",
    naive={"keras SimpleRNN": 0.5, "keras LSTM": 0.5},
)
def two_biases_of_a_recurrent_layer_in_training() -> Measured:
    """Adds the biases of torch, and trains on. Here by what SGD moves the sum, divided by the rate."""

    def measured(torch_kind: Any, keras_kind: Any, gates: int) -> tuple[float, float]:
        x, W, U, b, c = arrays(gates)
        *_, db, dc = in_torch(torch_layer(torch_kind), x, W, U, b, c)
        *_, step = in_keras(keras_layer(keras_kind), x, W.T, U.T, b + c)
        return distance(step, db + dc), distance(step, db)

    return {
        "keras SimpleRNN": measured(torch.nn.RNN, keras.layers.SimpleRNN, 1),
        "keras LSTM": measured(torch.nn.LSTM, keras.layers.LSTM, 4),
    }


@difference(
    "Initial forget bias of an LSTM",
    cause="Keras' unit_forget_bias starts the forget gate at 1; torch draws every bias from ±1/√units.",
    mapping="unit_forget_bias=False, or the biases taken over.",
    facts={"keras": "0 0 1 1 0 0 0 0", "keras unit_forget_bias=False": "0 0 0 0 0 0 0 0", "torch": "within ±1/√2"},
)
def initial_forget_bias_of_an_lstm() -> Measured:
    """Leaves the initial values to the framework. Here the bias of two units, gate by gate."""

    def bias(**options: Any) -> str:
        layer = keras.layers.LSTM(UNITS, **options)
        layer.build((1, TIME, INPUTS))
        return text(layer.get_weights()[2])

    with torch.random.fork_rng():
        drawn = np.abs(as_numpy(torch.nn.LSTM(INPUTS, UNITS).bias_ih_l0))
    within = drawn.min() > 0 and drawn.max() <= UNITS**-0.5
    return {
        "keras": bias(),
        "keras unit_forget_bias=False": bias(unit_forget_bias=False),
        "torch": "within ±1/√2" if within else text(drawn),
    }


def update_first(rows: Any) -> Any:
    """From the order r, z, n of the gates to the order z, r, h; it is its own inverse."""
    r, z, n = keras.ops.split(rows, 3)
    return keras.ops.concatenate([z, r, n])


@difference(
    "Gates of a GRU",
    cause="torch's rows are r, z, n; Keras' columns z, r, h. Keras keeps both biases, as rows of one array.",
    mapping="Swap the first two blocks of every array, transpose, and stack the biases. reset_after=True (the "
    "default) is torch's formula.",
    naive={"keras": 1.3},
)
def gates_of_a_gru() -> Measured:
    """Transposes the weights and stacks the biases in the order they lie in."""
    gru = keras_layer(keras.layers.GRU)

    def swapped(x: Any, W: Any, U: Any, b: Any, c: Any) -> Any:
        W, U, b, c = (update_first(rows) for rows in (W, U, b, c))
        return gru(x, T(W), T(U), keras.ops.stack([b, c]))

    return compare(
        arrays(3),
        ("torch", torch_layer(torch.nn.GRU)),
        {"keras": (lambda x, W, U, b, c: gru(x, T(W), T(U), keras.ops.stack([b, c])), swapped)},
    )


@difference(
    "Reset gate of a GRU before or after",
    cause="reset_after=False multiplies the state by the reset gate before its weight, as first published; "
    "torch (and reset_after=True) the product of both. They are two functions.",
    mapping="reset_after=True. A network trained with False has no torch layer: its step is written out by hand.",
    naive={"keras": 0.23},
)
def reset_gate_of_a_gru_before_or_after() -> Measured:
    """Chooses reset_after=False, which has one bias as the LSTM. The bias of the state is 0 here."""
    before, after = keras_layer(keras.layers.GRU, reset_after=False), keras_layer(keras.layers.GRU)

    def in_keras(x: Any, W: Any, U: Any, b: Any) -> tuple[Any, ...]:
        return x, T(update_first(W)), T(update_first(U)), update_first(b)

    def mapped(*arrays: Any) -> Any:
        x, W, U, b = in_keras(*arrays)
        return after(x, W, U, keras.ops.stack([b, keras.ops.zeros_like(b)]))

    in_torch = torch_layer(torch.nn.GRU)
    return compare(
        arrays(3)[:4],
        ("torch", lambda x, W, U, b: in_torch(x, W, U, b, torch.zeros_like(b))),
        {"keras": (lambda *arrays: before(*in_keras(*arrays)), mapped)},
    )


@difference(
    "Batch first in recurrent layers",
    cause="torch takes (time, batch, features) unless batch_first=True; Keras (batch, time, features).",
    mapping="batch_first=True.",
    reference="keras",
    naive={"torch": 2.5},
)
def batch_first_in_recurrent_layers() -> Measured:
    """Leaves batch_first at its default. With as many observations as steps nothing shows."""
    simple = keras_layer(keras.layers.SimpleRNN)
    _, *weights = arrays(1)
    return compare(
        [random(TIME, TIME, INPUTS), *weights],
        ("keras", lambda x, W, U, b, c: simple(x, T(W), T(U), b + c)),
        {"torch": (torch_layer(torch.nn.RNN, batch_first=False), torch_layer(torch.nn.RNN))},
    )


@difference(
    "Last output of a bidirectional layer",
    cause="Keras' last output holds the backward layer's state after the whole sequence, which belongs to the "
    "first step; torch's output of the last step holds that after one step.",
    mapping="torch.cat([y[:, -1, :units], y[:, 0, units:]], dim=1). Whole sequences agree.",
    reference="keras",
    naive={"torch": 1.6, "torch sequence": 0},
)
def last_output_of_a_bidirectional_layer() -> Measured:
    """Takes y[:, -1] for return_sequences=False."""
    x, *forward = arrays(4)
    backward = [random(*a.shape, seed=4) for a in forward]
    module = torch.nn.LSTM(INPUTS, UNITS, bidirectional=True, batch_first=True, dtype=torch.float64)
    names = [name for name, _ in module.named_parameters()]

    def in_torch(x: Any, *weights: Any) -> Any:
        return torch.func.functional_call(module, dict(zip(names, weights, strict=True)), (x,))[0]

    def in_keras(return_sequences: bool) -> Any:
        lstm = keras.layers.LSTM(UNITS, return_sequences=return_sequences, dtype="float64")
        both = keras.layers.Bidirectional(lstm, dtype="float64")

        def layer(x: Any, *weights: Any) -> Any:
            W, U, b, c, V, R, d, e = weights
            return call(both, [T(W), T(U), b + c, T(V), T(R), d + e], x)

        return layer

    def last(x: Any, *weights: Any) -> Any:
        y = in_torch(x, *weights)
        return torch.cat([y[:, -1, :UNITS], y[:, 0, UNITS:]], dim=1)

    every = [x, *forward, *backward]
    return {
        **compare(every, ("keras", in_keras(False)), {"torch": (lambda *a: in_torch(*a)[:, -1], last)}),
        **compare(every, ("keras", in_keras(True)), {"torch sequence": in_torch}),
    }
