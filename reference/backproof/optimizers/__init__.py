"""The optimizers: one file each (or a tight family), found by being here.

`OPTIMIZERS` maps each `type` to its class. A new file in this folder with an `Optimizer` subclass is a new one.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from backproof.discovery import by_type, modules
from backproof.optimizers.adadelta import Adadelta
from backproof.optimizers.adagrad import Adagrad
from backproof.optimizers.adam import Adam, AdamW
from backproof.optimizers.adamax import Adamax
from backproof.optimizers.base import ACCUMULATED, AVERAGE, Average, Group, Optimizer, Slots
from backproof.optimizers.lion import Lion
from backproof.optimizers.muon import Muon
from backproof.optimizers.nadam import Nadam
from backproof.optimizers.rmsprop import RMSprop
from backproof.optimizers.sgd import SGD, Momentum

_modules = list(modules(__path__, __name__))
OPTIMIZERS: dict[str, type[Optimizer]] = by_type(Optimizer)

if TYPE_CHECKING:
    AnyOptimizer = Optimizer
else:
    _union: Any = reduce(or_, OPTIMIZERS.values())
    AnyOptimizer = Annotated[_union, Field(discriminator="type")]

__all__ = [
    "ACCUMULATED",
    "AVERAGE",
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "AnyOptimizer",
    "Average",
    "Group",
    "Lion",
    "Momentum",
    "Muon",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "Slots",
]
