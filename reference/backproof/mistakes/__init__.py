"""The catalogue of wrong backprops that people really write, each a transformation of the right one.

It proves that the verdict can fail, and lets a bug be named. `CATALOGUE` lists them by family; a file of this
folder with `MISTAKES` is a family.
"""

from backproof.discovery import modules
from backproof.mistakes.base import Mistake, Place, WrongNetwork, compose

CATALOGUE: tuple[Mistake, ...] = tuple(
    mistake for module in modules(__path__, __name__) for mistake in getattr(module, "MISTAKES", ())
)

__all__ = ["CATALOGUE", "Mistake", "Place", "WrongNetwork", "compose"]
