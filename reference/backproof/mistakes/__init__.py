"""The catalogue of wrong backprops that people really write, each a transformation of the right one.

It proves that the verdict can fail, and lets a bug be named. `CATALOGUE` lists them in the order of calculation.
"""

from backproof.mistakes import activations, dense, losses, updates
from backproof.mistakes.base import Mistake, Place, WrongNetwork

CATALOGUE: tuple[Mistake, ...] = (
    *losses.MISTAKES,
    *activations.MISTAKES,
    *dense.MISTAKES,
    *updates.MISTAKES,
)

__all__ = ["CATALOGUE", "Mistake", "Place", "WrongNetwork"]
