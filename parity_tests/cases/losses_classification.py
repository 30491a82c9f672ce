"""Losses over classes and labels: weights, ignored rows, hinges, focal loss, divergence."""

from backproof.initializers import Normal
from backproof.layers.softmax import LogSoftmax
from backproof.layers.tanh import Tanh
from backproof.losses import (
    BinaryCrossEntropyWithLogits,
    CrossEntropy,
    Focal,
    Hinge,
    KLDivergence,
    Loss,
    MulticlassHinge,
)
from cases.base import case, dense, title

_CLASS_WEIGHTS = (0.5, 2.0, 1.3)
_LOSSES: tuple[Loss, ...] = (
    CrossEntropy(class_weights=_CLASS_WEIGHTS),
    CrossEntropy(class_weights=_CLASS_WEIGHTS, reduction="weighted_mean", label_smoothing=0.1),
    CrossEntropy(class_weights=_CLASS_WEIGHTS, reduction="weighted_mean", targets="one_hot"),
    CrossEntropy(ignore_index=-100),
    CrossEntropy(ignore_index=-100, reduction="weighted_mean", label_smoothing=0.2),
    CrossEntropy(ignore_index=0, reduction="weighted_mean"),
    CrossEntropy(ignore_index=1, class_weights=_CLASS_WEIGHTS, reduction="weighted_mean", weighted=True),
    BinaryCrossEntropyWithLogits(positive_weight=2.7),
    Focal(alpha=0.25),
    Focal(reduction="sum", gamma=0.5),
    Focal(reduction="batch_mean", gamma=0.0),
    Focal(reduction="weighted_mean", weighted=True, alpha=0.3, gamma=1.3),
    KLDivergence(output="logits"),
    KLDivergence(output="logits", reduction="weighted_mean", weighted=True),
)
_HINGES: tuple[Loss, ...] = (
    Hinge(weighted=True),
    Hinge(reduction="sum", power=2),
    Hinge(reduction="batch_mean", weighted=True),
    Hinge(reduction="weighted_mean", power=2),
    MulticlassHinge(),
    MulticlassHinge(reduction="sum", power=2, margin=0.7, weighted=True),
    MulticlassHinge(reduction="batch_mean", form="crammer_singer"),
    MulticlassHinge(reduction="weighted_mean", form="crammer_singer", power=2),
)
_PER_POSITION: tuple[Loss, ...] = (
    CrossEntropy(ignore_index=0, reduction="weighted_mean", weighted=True),
    MulticlassHinge(weighted=True),
)

# Scores large enough that some keep the margin.
_SCORES = [dense(5), Tanh(), dense(3, weight_initializer=Normal(std=2.0))]

CASES = (
    *(case(title(loss), loss=loss) for loss in _LOSSES),
    *(case(title(loss), _SCORES, loss) for loss in _HINGES),
    *(case(f"{title(loss)} per position", loss=loss, input_shape=(2, 4)) for loss in _PER_POSITION),
    *(
        case(title(loss), [dense(5), LogSoftmax()], loss)
        for loss in (KLDivergence(reduction="sum"), KLDivergence(reduction="batch_mean"))
    ),
)
