"""Upsampling, in every convention."""

from backproof.layers.tanh import Tanh
from backproof.layers.upsample import Upsample
from cases.base import case, dense

_NEAREST = Upsample(factor=(2, 3))
_PIXELS = Upsample(factor=(3, 2), interpolation="bilinear")
_CORNERS = Upsample(factor=(2, 3), interpolation="bilinear", align_corners=True)

CASES = (
    case("upsample nearest", [dense(2), _NEAREST, Tanh(), dense(2)], input_shape=(3, 2, 3)),
    case("upsample bilinear", [dense(2), _PIXELS, Tanh(), dense(2)], input_shape=(3, 2, 3)),
    case("upsample with corners", [dense(2), _CORNERS, Tanh(), dense(2)], input_shape=(3, 2, 3)),
    case("upsample a row with corners", [_CORNERS, dense(2)], input_shape=(1, 3, 2)),
    case("upsample a long column", [_PIXELS], input_shape=(40, 2, 1)),
)
