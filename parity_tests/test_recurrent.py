"""Recurrent layers and injected noise, beyond what the table shows: bad input, saturated gates, native use."""

from typing import Any

import numpy as np
import pytest

from backproof.errors import DataError, SpecError
from backproof.implementation import load
from backproof.layers import Layer
from backproof.layers.dropout import Dropout
from backproof.layers.gaussian_sample import GaussianSample
from backproof.layers.gru import GRU
from backproof.layers.lstm import LSTM
from backproof.layers.recurrent import Recurrent
from backproof.layers.simple_rnn import SimpleRNN
from backproof.spec import ModelSpec, parse
from cases import BATCH, CASES


def _spec(name: str) -> ModelSpec:
    return next(case.spec for case in CASES if case.name == name)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (LSTM(units=3), (4,), r"two axes besides the batch, time and features, found \(4,\)"),
        (GRU(units=3), (2, 4, 3), r"two axes besides the batch, time and features, found \(2, 4, 3\)"),
        (GaussianSample(), (4, 3), r"a last axis of even size, means beside log-variances, found \(4, 3\)"),
        (GaussianSample(), (), r"a last axis of even size, means beside log-variances, found \(\)"),
    ],
)
def test_an_input_that_the_layer_cannot_take_is_an_error(
    layer: Layer, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        layer.output_shape(shape)


@pytest.mark.parametrize("rate", ["1.0", "-0.1"])
def test_a_rate_that_drops_everything_or_less_than_nothing_is_an_error(rate: str) -> None:
    text = _spec("dropout").model_dump_json().replace('"rate":0.3', f'"rate":{rate}')
    with pytest.raises(SpecError, match="rate"):
        parse(text)


@pytest.mark.parametrize(("lengths", "found"), [([0, 1, 2, 3, 1, 2], "found 0"), ([1, 2, 3, 4, 1, 2], "to 4")])
def test_lengths_that_no_sequence_can_have_are_an_error(lengths: list[int], found: str) -> None:
    spec = _spec("gru, both ways, lengths")
    x, y = spec.random_batch(BATCH)
    with pytest.raises(DataError, match=f"gru1.lengths: expected 1 to 3, .*{found}"):
        spec.check_batch(x, y, {"gru1.lengths": np.array(lengths)})


@pytest.mark.parametrize("layer", [SimpleRNN(units=1), LSTM(units=1), GRU(units=1)], ids=lambda layer: layer.type)
def test_a_saturated_cell_keeps_the_gradient_that_the_common_form_calls_zero(layer: Recurrent) -> None:
    x = np.full((1, 1, 1), 40.0)
    own = {name: np.ones(p.shape) for name, p in layer.parameters((1, 1)).items()}
    for form, vanishes in ((layer, False), (layer.common(), True)):
        y, cache = form.forward(own, x)
        dx, _ = form.backward(own, cache, np.ones_like(y))
        assert (dx == 0.0).all() == vanishes, form


def test_what_lies_beyond_the_length_changes_nothing() -> None:
    layer = GRU(units=3, bidirectional=True, lengths=True)
    rng = np.random.default_rng(1)
    own: dict[str, Any] = {name: rng.normal(size=p.shape) for name, p in layer.parameters((4, 2)).items()}
    own["lengths"] = np.array([1, 3, 4])
    x, beyond = rng.normal(size=(3, 4, 2)), np.arange(4) >= own["lengths"][:, None]
    y, cache = layer.forward(own, x)
    other, _ = layer.forward(own, np.where(beyond[:, :, None], 9.0, x))
    parameters = {name: w for name, w in own.items() if name != "lengths"}
    dx, _ = layer.backward(parameters, cache, rng.normal(size=y.shape))
    assert np.array_equal(y, other)
    assert not y[beyond].any()
    assert not dx[beyond].any()
    assert dx[~beyond].all()


def test_torch_never_updates_a_bias_that_the_spec_has_not() -> None:
    torch = pytest.importorskip("torch")
    spec = _spec("lstm")
    trainer: Any = load("torch").build(spec)
    x, y = map(torch.from_numpy, spec.random_batch(BATCH))
    trainer.loss(trainer.module(x), y).backward()
    trainer.optimizer.step()
    assert not trainer.module.lstm1.rnn.bias_hh_l0.any()
    assert trainer.module.lstm1.rnn.bias_ih_l0.any()


@pytest.mark.parametrize("layer", [Dropout(), GaussianSample()], ids=lambda layer: layer.type)
def test_noise_is_given_for_one_call_and_drawn_natively_after_it(layer: Layer) -> None:
    torch = pytest.importorskip("torch")
    spec = _spec("dropout").model_copy(update={"layers": (layer,), "input_shape": (20,)})
    trainer: Any = load("torch").build(spec)
    x, y = spec.random_batch(BATCH)
    given = trainer.step(x, y).outputs[spec.layer_names[0]]
    with torch.random.fork_rng(devices=[]):
        drawn = [trainer.module(torch.from_numpy(x)).numpy() for _ in range(2)]
    assert not np.array_equal(given, drawn[0])
    assert not np.array_equal(*drawn)
