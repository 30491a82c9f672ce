"""Layers that only move numbers."""

from backproof.layers.moves import Flatten, Pad, Permute, Reshape, Take
from backproof.layers.tanh import Tanh
from cases.base import case, dense

CASES = (
    case("flatten", [dense(4), Tanh(), Flatten(), dense(3)], input_shape=(2, 3, 2)),
    case(
        "flatten channels first",
        [dense(4), Tanh(), Permute(axes=(2, 0, 1)), Flatten(), dense(3)],
        input_shape=(2, 3, 2),
    ),
    case("reshape", [dense(4), Reshape(shape=(2, 6)), Tanh(), dense(3)], input_shape=(3, 2)),
    case("permute", [dense(4), Permute(axes=(1, 0)), Tanh(), dense(2)], input_shape=(3, 5)),
    case("permute a cube", [dense(3), Permute(axes=(1, 2, 0)), Tanh(), dense(2)], input_shape=(3, 3, 2)),
    case("take the first", [dense(4), Tanh(), Take(index=0), dense(3)], input_shape=(5, 2)),
    case("take the last channel", [dense(4), Tanh(), Take(axis=-1, index=-1), dense(3)], input_shape=(5, 2)),
    case("take one number", [dense(4), Take(index=1), Tanh(), Reshape(shape=(1, 1)), dense(3)], input_shape=(2,)),
    case("pad", [dense(4), Pad(padding=((1, 0), (2, 3))), dense(3), Tanh()], input_shape=(3, 2, 2)),
)
