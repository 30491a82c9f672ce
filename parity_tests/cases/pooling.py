"""Pooling: windows that overlap, padding that is even and not, bins of unequal length, and ties."""

from backproof.initializers import Constant
from backproof.layers import Layer
from backproof.layers.adaptive_pooling import (
    AdaptiveAveragePool,
    AdaptiveMaxPool,
    GlobalAveragePool,
    GlobalMaxPool,
)
from backproof.layers.embedding import Embedding
from backproof.layers.moves import Reshape
from backproof.layers.pooling import AveragePool1D, AveragePool2D, MaxPool1D, MaxPool2D
from backproof.layers.tanh import Tanh
from cases.base import Case, case, dense, title


def _case(layer: Layer, *shape: int) -> Case:
    """One layer between others."""
    return case(f"{title(layer)} over {shape}", [dense(2), Tanh(), layer, dense(3)], input_shape=shape)


def _tied(layer: Layer, *shape: int) -> Case:
    """One layer over numbers that are all equal, each with a weight of its own behind it to tell who gets what."""
    equal = Embedding(vocabulary=9, units=2, weight_initializer=Constant(value=0.5))
    layers = [equal, Reshape(shape=shape), layer, dense(3)]
    return case(f"{title(layer)} over {shape} with ties", layers, input_shape=(8,), smooth=False)


_UNEVEN = ((2, 0), (0, 1))

CASES = (
    _case(MaxPool2D(size=2), 4, 6, 3),
    _case(MaxPool2D(size=(3, 2), stride=(1, 2)), 5, 4, 3),
    _case(MaxPool2D(size=3, stride=2, padding=((1, 1), (1, 1)), ceil_mode=True), 6, 4, 3),
    _case(MaxPool2D(size=3, stride=2, padding=_UNEVEN, ceil_mode=True), 6, 4, 3),
    _case(MaxPool2D(size=3, stride=1, padding="same"), 4, 5, 3),
    _case(MaxPool1D(size=3, stride=2), 7, 4),
    _case(MaxPool1D(size=2, padding="causal", stride=1, ceil_mode=True), 5, 4),
    _case(AveragePool2D(size=2), 4, 6, 3),
    _case(AveragePool2D(size=3, stride=(1, 2), padding="same", count_include_pad=False), 4, 5, 3),
    _case(AveragePool2D(size=3, stride=2, padding=((1, 1), (1, 1)), ceil_mode=True), 6, 4, 3),
    _case(AveragePool2D(size=3, stride=2, padding=_UNEVEN, ceil_mode=True), 6, 4, 3),
    _case(AveragePool1D(size=3, stride=2, padding=((1, 1),)), 7, 4),
    _case(AveragePool1D(size=3, padding=((0, 2),), ceil_mode=True, count_include_pad=False), 5, 4),
    _case(GlobalMaxPool(), 3, 2, 4),
    _case(GlobalMaxPool(), 5, 4),
    _case(GlobalMaxPool(ties="split"), 3, 2, 4),
    _case(GlobalAveragePool(), 3, 2, 4),
    _case(GlobalAveragePool(), 5, 4),
    _case(AdaptiveMaxPool(output_size=(3, 2)), 7, 5, 4),
    _case(AdaptiveMaxPool(output_size=3), 4, 4),
    _case(AdaptiveAveragePool(output_size=(3, 2)), 7, 5, 4),
    _case(AdaptiveAveragePool(output_size=3), 4, 4),
    _tied(MaxPool1D(size=3, stride=2), 8, 2),
    _tied(MaxPool2D(size=(3, 2), stride=1), 4, 2, 2),
    _tied(GlobalMaxPool(), 4, 2, 2),
    _tied(GlobalMaxPool(ties="split"), 4, 2, 2),
    _tied(GlobalMaxPool(ties="split"), 8, 2),
    _tied(AdaptiveMaxPool(output_size=(3, 1)), 4, 2, 2),
)
