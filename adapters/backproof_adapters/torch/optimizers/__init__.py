"""Optimizers: one row per type, in a file per family, found by being in this folder.

Native where torch.optim has the convention, else written by hand, beside the row.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from backproof.discovery import modules
from backproof.optimizers import Optimizer as OptimizerFields
from backproof_adapters.base import gathered, row_for
from backproof_adapters.torch.optimizers.accumulation import accumulate
from backproof_adapters.torch.optimizers.average import averaged, set_updates
from backproof_adapters.torch.optimizers.clipping import clip_gradients
from backproof_adapters.torch.optimizers.table import OptimizerRow, grouped

ROWS: dict[str, OptimizerRow] = gathered(modules(__path__, __name__))


def build(
    fields: OptimizerFields, parameters: Mapping[str, Tensor]
) -> tuple[torch.optim.Optimizer, Mapping[str, str]]:
    """Return the torch optimizer, and the key of its state for each slot of the formula."""
    row = row_for(ROWS, fields, "torch")
    optimizer = row.build(fields, grouped(fields, parameters))
    return optimizer, {slot: row.slots[slot] for slot in fields.own_slots()}


def counts(fields: OptimizerFields, optimizer: torch.optim.Optimizer, updates: int) -> dict[str, Tensor]:
    """Return what the state of each parameter holds of the number of updates."""
    if isinstance(optimizer, torch.optim.SGD):  # which alone keeps no count
        return {}
    return row_for(ROWS, fields, "torch").counts(fields, updates)


__all__ = ["ROWS", "accumulate", "averaged", "build", "clip_gradients", "counts", "set_updates"]
