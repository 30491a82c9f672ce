"""Upsampling, in every convention."""

from backproof.layers.tanh import Tanh
from backproof.layers.upsample import Upsample
from cases.base import case, dense

CASES = tuple(
    case(name, [dense(2), layer, Tanh(), dense(2)], input_shape=(3, 2, 3))
    for name, layer in {
        "upsample nearest": Upsample(factor=(2, 3)),
        "upsample bilinear": Upsample(factor=(3, 2), interpolation="bilinear"),
        "upsample bilinear with corners": Upsample(factor=(2, 3), interpolation="bilinear", align_corners=True),
    }.items()
)
