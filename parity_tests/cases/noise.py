"""Dropout and samples of a normal distribution: the same masks and noise everywhere, none at inference."""

from backproof.layers.combinators import Residual
from backproof.layers.dropout import Dropout
from backproof.layers.gaussian_sample import GaussianSample
from backproof.layers.tanh import Tanh
from cases.base import case, dense

CASES = (
    case("dropout", [dense(5), Tanh(), Dropout(rate=0.3), dense(3)]),
    case("dropout of the input", [Dropout(rate=0.2), dense(3)], input_shape=(2, 4)),
    case("dropout at the end", [dense(5), Dropout()]),
    case("dropout that drops nothing", [dense(5), Dropout(rate=0.0), dense(3)]),
    case("dropout in a block", [Residual(layers=(dense(5), Dropout(rate=0.4), Tanh(), dense(4))), dense(3)]),
    case("gaussian sample", [dense(6), GaussianSample(), dense(2)]),
    case("gaussian sample of the input", [GaussianSample(), Tanh(), dense(3)], input_shape=(3, 4)),
    case("gaussian sample that is the mean", [dense(6), GaussianSample(sampled=False), dense(2)]),
)
