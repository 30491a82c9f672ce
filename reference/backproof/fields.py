"""What every part of a spec has in common: named fields, strict types, no surprises."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Array = NDArray[Any]
Shape = Annotated[tuple[Annotated[int, Field(gt=0, le=10**9)], ...], Field(strict=False)]
"""The shape of one observation: the batch axis is not part of it."""

PositiveFloat = Annotated[float, Field(gt=0)]
NonNegativeFloat = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
"""A number in [0, 1): a momentum, a decay rate, a share."""


class Fields(BaseModel):
    """A frozen record. Unknown fields, wrong types, NaN and infinity are errors, never repaired."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @property
    def kind(self) -> str:
        """The `type` of a layer, a loss or an optimizer, which each subclass states as a literal."""
        return str(type(self).model_fields["type"].default)


def scalar(value: float, like: Array) -> Array:
    """Return ``value`` as a 0-d array of the dtype (and the array class) of ``like``.

    Python floats are double precision; the frameworks hold rates and step counts in the working precision.
    """
    result = np.empty_like(like, shape=())
    result[...] = value
    return result
