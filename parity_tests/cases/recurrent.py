"""Recurrent layers: both directions, lengths, one bias and two, whole sequences and last states."""

from typing import Any

from backproof.initializers import Normal
from backproof.layers.gru import GRU
from backproof.layers.lstm import LSTM
from backproof.layers.recurrent import Recurrent
from backproof.layers.simple_rnn import SimpleRNN
from cases.base import Case, case, dense


def _case(name: str, *layers: Recurrent) -> Case:
    """Three steps of four features, and two outputs."""
    return case(name, [*layers, dense(2)], input_shape=(3, 4))


def _of(kind: type[Recurrent], units: int = 5, **fields: Any) -> Recurrent:
    """A recurrent layer whose biases are not zero."""
    return kind(units=units, bias_initializer=Normal(std=0.3), **fields)


_BOTH_WAYS = {"bidirectional": True, "lengths": True}
_LAST = {"return_sequences": False}

CASES = (
    _case("simple_rnn", _of(SimpleRNN)),
    _case(
        "simple_rnn, relu, no bias, last state at the length",
        _of(SimpleRNN, activation="relu", bias=False, lengths=True, **_LAST),
    ),
    _case("simple_rnn, both ways, lengths, two biases", _of(SimpleRNN, recurrent_bias=True, **_BOTH_WAYS)),
    _case("lstm", _of(LSTM)),
    _case("lstm, two biases, last state at the length", _of(LSTM, recurrent_bias=True, lengths=True, **_LAST)),
    _case("lstm, both ways, last state", _of(LSTM, bidirectional=True, bias=False, **_LAST)),
    _case("lstm, both ways, lengths", _of(LSTM, **_BOTH_WAYS)),
    _case("lstm, lengths, and one over all steps", _of(LSTM, lengths=True), _of(LSTM, 4, **_LAST)),
    _case("gru", _of(GRU)),
    _case("gru, one bias, last state at the length", _of(GRU, recurrent_bias=False, lengths=True, **_LAST)),
    _case("gru, both ways, lengths", _of(GRU, **_BOTH_WAYS)),
    _case("gru, no bias", _of(GRU, bias=False, recurrent_bias=False, **_LAST)),
    _case("gru, reset before", _of(GRU, reset_after=False, recurrent_bias=False)),
    _case(
        "gru, reset before, both ways, last state at the length, two biases",
        _of(GRU, reset_after=False, **_BOTH_WAYS, **_LAST),
    ),
)
