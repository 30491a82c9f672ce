"""Layers: one row per type, in a file per family, found by being in this folder."""

from backproof.discovery import modules
from backproof_adapters.base import gathered
from backproof_adapters.jax.layers.table import ROWS, Apply, Result, run

ROWS |= gathered(modules(__path__, __name__))

__all__ = ["ROWS", "Apply", "Result", "run"]
