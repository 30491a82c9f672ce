"""The losses: one file each (or a tight family), found by being here.

`LOSSES` maps each `type` to its class. A new file in this folder with a `Loss` subclass is a new loss.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from backproof.discovery import by_type, modules
from backproof.losses.absolute_error import AbsoluteError
from backproof.losses.base import NOTHING, Loss
from backproof.losses.binary_cross_entropy import BinaryCrossEntropy, BinaryCrossEntropyWithLogits
from backproof.losses.cosine_distance import CosineDistance
from backproof.losses.cross_entropy import CrossEntropy
from backproof.losses.ctc import CTC
from backproof.losses.embeddings import Contrastive, Triplet
from backproof.losses.evidence_lower_bound import EvidenceLowerBound
from backproof.losses.focal import Focal
from backproof.losses.hinge import Hinge, MulticlassHinge
from backproof.losses.huber import Huber
from backproof.losses.kl_divergence import KLDivergence
from backproof.losses.log_cosh import LogCosh
from backproof.losses.poisson import Poisson
from backproof.losses.squared_error import SquaredError

_modules = list(modules(__path__, __name__))
LOSSES: dict[str, type[Loss]] = by_type(Loss)

if TYPE_CHECKING:
    AnyLoss = Loss
else:
    _union: Any = reduce(or_, LOSSES.values())
    AnyLoss = Annotated[_union, Field(discriminator="type")]

__all__ = [
    "CTC",
    "LOSSES",
    "NOTHING",
    "AbsoluteError",
    "AnyLoss",
    "BinaryCrossEntropy",
    "BinaryCrossEntropyWithLogits",
    "Contrastive",
    "CosineDistance",
    "CrossEntropy",
    "EvidenceLowerBound",
    "Focal",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MulticlassHinge",
    "Poisson",
    "SquaredError",
    "Triplet",
]
