"""The one table of cases: every test that compares implementations runs over it.

A case is a spec; those of a family stand in one file of this folder, and are found by being here. `test_table.py`
fails when a layer, a loss, an optimizer, or one value of one of their fields has no case.
"""

from backproof.discovery import modules
from cases.activations import ACTIVATIONS
from cases.base import BATCH, STEPS, Case, case

CASES: tuple[Case, ...] = tuple(
    one for module in modules(__path__, __name__) for one in getattr(module, "CASES", ())
)

__all__ = ["ACTIVATIONS", "BATCH", "CASES", "STEPS", "Case", "case"]
