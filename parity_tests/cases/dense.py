"""Dense layers: shapes, biases, initial weights."""

from typing import get_args

from backproof.initializers import Constant, Glorot, He, LeCun, Normal, Uniform
from backproof.layers.dense import Dense
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.silu import SiLU
from backproof.layers.softplus import Softplus
from backproof.layers.tanh import Tanh
from cases.base import case, dense

CASES = (
    case("one dense layer", [dense(3)]),
    case("dense without bias", [Dense(units=5, bias=False), Tanh(), Dense(units=3, bias=False)]),
    case("dense over the last of several axes", [dense(5), Tanh(), dense(3)], input_shape=(2, 4)),
    case("square layers", [dense(4), Sigmoid(), dense(4), Tanh(), dense(4)]),
    case("one output", [dense(5), Sigmoid(), dense(1)]),
    case("deep and narrow", [dense(3), Tanh(), dense(4), SiLU(), dense(2), Softplus(), dense(5), Sigmoid()]),
    case("constant weights", [dense(5, weight_initializer=Constant(value=0.5)), Tanh(), dense(3)]),
    case("uniform weights", [dense(5, weight_initializer=Uniform(low=-1.0, high=1.0)), Tanh(), dense(3)]),
    case("normal weights", [dense(5, weight_initializer=Normal(std=0.5)), Tanh(), dense(3)]),
    *(
        case(
            f"{scheme.__name__} {draws}",
            [dense(5, weight_initializer=scheme(distribution=draws)), Tanh(), dense(3)],
        )
        for scheme in (Glorot, He, LeCun)
        for draws in get_args(scheme.model_fields["distribution"].annotation)
    ),
)
