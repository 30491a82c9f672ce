"""Initial values: their stated variance and range, their streams, and the order in which they are drawn."""

import numpy as np
import pytest
from pydantic import ValidationError

from backproof.initializers import (
    TRUNCATED_STD,
    AnyInitializer,
    Constant,
    Fan,
    Glorot,
    He,
    LeCun,
    Normal,
    Uniform,
    generator,
)
from backproof.layers.dense import Dense
from backproof.losses import SquaredError
from backproof.optimizers import SGD
from backproof.spec import ModelSpec

SHAPE = (300, 200)
FAN = Fan(300, 200)
SCHEMES = [(Glorot, 2 / 500), (He, 2 / 300), (LeCun, 1 / 300)]


@pytest.mark.parametrize(("scheme", "variance"), SCHEMES, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize(
    ("distribution", "reach"),
    [("uniform", 3**0.5), ("normal", np.inf), ("truncated_normal", 2 / TRUNCATED_STD)],
)
def test_a_scheme_has_its_variance_in_every_distribution(
    scheme: type[Glorot], variance: float, distribution: str, reach: float
) -> None:
    values = scheme(distribution=distribution).draw(SHAPE, FAN, generator("pcg64", 0))  # type: ignore[arg-type]
    # The variance of n draws has a standard error of at most √(2 / n) of itself; 5 of them are never seen.
    assert abs(values.var() / variance - 1) < 5 * (2 / values.size) ** 0.5
    assert abs(values.mean()) < 5 * (variance / values.size) ** 0.5
    assert np.abs(values).max() <= reach * variance**0.5
    if distribution == "normal":
        assert np.abs(values).max() > 3 * variance**0.5


def test_ranges_and_constants() -> None:
    uniform = Uniform(low=-0.5, high=2.0).draw(SHAPE, FAN, generator("pcg64", 0))
    assert (uniform.min() >= -0.5, uniform.max() < 2.0, uniform.max() > 1.99) == (True, True, True)
    normal = Normal(mean=1.0, std=0.1).draw(SHAPE, FAN, generator("pcg64", 0))
    assert abs(normal.mean() - 1.0) < 5 * 0.1 / normal.size**0.5
    assert np.all(Constant(value=0.1).draw(SHAPE, FAN, generator("pcg64", 0)) == 0.1)
    assert all(
        one.draw((2, 3), FAN, generator("mt19937", 1)).dtype == np.float64
        for one in (Uniform(), Normal(), Constant(), Glorot(distribution="truncated_normal"))
    )


def _spec(**fields: object) -> ModelSpec:
    uniform: AnyInitializer = Uniform()
    layers = tuple(Dense(units=units, bias=False, weight_initializer=uniform) for units in (4, 1))
    return ModelSpec(
        input_shape=(3,),
        layers=layers,
        loss=SquaredError(),
        optimizer=SGD(learning_rate=1.0),
        **fields,  # type: ignore[arg-type]
    )


def test_mt19937_is_the_stream_of_numpy_random_seed_in_the_order_of_the_layers() -> None:
    drawn = _spec(seed=1, generator="mt19937").initial_parameters()
    stream = np.random.RandomState(1)
    assert np.array_equal(drawn["dense1.weight"], stream.random_sample((3, 4)))
    assert np.array_equal(drawn["dense2.weight"], stream.random_sample((4, 1)))


def test_the_seed_decides_everything() -> None:
    one, same, other = (_spec(seed=seed).initial_parameters() for seed in (5, 5, 6))
    assert all(np.array_equal(w, same[name]) for name, w in one.items())
    assert not any(np.array_equal(w, other[name]) for name, w in one.items())


def test_a_copy_with_other_layers_has_their_parameters() -> None:
    spec = _spec()
    assert spec.parameters["dense1.weight"].shape == (3, 4)
    wider = spec.model_copy(update={"layers": (Dense(units=7), *spec.layers[1:])})
    assert wider.parameters["dense1.weight"].shape == (3, 7)
    with pytest.raises(ValidationError):
        spec.model_copy(update={"seed": -1})


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValidationError, match="low must be below high"):
        Uniform(low=1.0, high=1.0)
