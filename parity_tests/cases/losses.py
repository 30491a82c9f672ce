"""Losses entry by entry and cross-entropy, in every reduction; a weighted mean has weights."""

from typing import get_args

from backproof.layers.sigmoid import Sigmoid
from backproof.layers.tanh import Tanh
from backproof.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    BinaryCrossEntropyWithLogits,
    CrossEntropy,
    Huber,
    Loss,
    SquaredError,
)
from cases.base import case, dense, title

_REDUCTIONS = get_args(Loss.model_fields["reduction"].annotation)
_OUTPUT_IN_0_1 = [dense(5), Tanh(), dense(3), Sigmoid()]
CASES = (
    *(
        case(title(loss), _OUTPUT_IN_0_1 if isinstance(loss, BinaryCrossEntropy) else None, loss)
        for reduction in _REDUCTIONS
        for weighted in [reduction == "weighted_mean"]
        for loss in (
            SquaredError(reduction=reduction, weighted=weighted),
            SquaredError(reduction=reduction, factor=0.5, weighted=weighted),
            AbsoluteError(reduction=reduction, weighted=weighted),
            Huber(reduction=reduction, delta=0.3, weighted=weighted),
            BinaryCrossEntropy(reduction=reduction, weighted=weighted),
            BinaryCrossEntropyWithLogits(reduction=reduction, factor=0.5, weighted=weighted),
            CrossEntropy(reduction=reduction, weighted=weighted),
        )
    ),
    *(
        case(f"{reduction} with weights", loss=SquaredError(reduction=reduction, weighted=True))
        for reduction in _REDUCTIONS
        if reduction != "weighted_mean"
    ),
    case("weighted_mean without weights", loss=SquaredError(reduction="weighted_mean")),
    case("huber with its default delta", loss=Huber()),
    case("cross_entropy smoothed", loss=CrossEntropy(label_smoothing=0.1)),
    case("cross_entropy one_hot", loss=CrossEntropy(targets="one_hot")),
    case("cross_entropy one_hot smoothed", loss=CrossEntropy(targets="one_hot", label_smoothing=0.2, factor=0.7)),
    case("cross_entropy per position", loss=CrossEntropy(), input_shape=(2, 4)),
)
