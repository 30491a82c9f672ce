"""What a row of the table of losses is."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Counted(NamedTuple):
    """The terms ℓ, and how much each counts in a weighted mean where that is not 1."""

    terms: Any
    counts: Any


Terms = Callable[[Any, Any, Any], Any]
"""The spec's loss, the network's output and the targets, to the terms ℓ (or `Counted`)."""
