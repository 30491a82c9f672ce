"""What a row of the table of losses is."""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor


class Counted(NamedTuple):
    """The terms ℓ, and how much each counts in a weighted mean where that is not 1."""

    terms: Tensor
    counts: Tensor


Terms = Callable[[Any, Tensor, Tensor], Tensor | Counted]
"""The loss's fields, the output and the targets, to the terms ℓ."""
