"""What a row of the table of optimizers is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import optax

Links = tuple[optax.GradientTransformation, ...]


@dataclass(frozen=True)
class Formula:
    """One row: (spec, η, t) to links, and the field of an optax state that holds each slot."""

    links: Callable[[Any, Any, Any], Links]
    slots: Mapping[str, str] = field(default_factory=dict)
