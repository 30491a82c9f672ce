"""Optimizers: one row per type, in a file per family, found by being in this folder.

Native where torch.optim has the convention, else written by hand, beside the row.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from backproof.discovery import modules
from backproof.optimizers import Optimizer as OptimizerFields
from backproof_adapters.base import gathered, row_for
from backproof_adapters.torch.optimizers.clipping import clip_gradients
from backproof_adapters.torch.optimizers.table import OptimizerRow

ROWS: dict[str, OptimizerRow] = gathered(modules(__path__, __name__))


def build(
    fields: OptimizerFields, parameters: Sequence[Tensor]
) -> tuple[torch.optim.Optimizer, Mapping[str, str]]:
    """Return the torch optimizer, and the key of its state for each slot.

    The parameters go in as one group: a network may have no parameters, and torch refuses a bare empty list.
    """
    row = row_for(ROWS, fields, "torch")
    return row.build(fields, [{"params": list(parameters)}]), row.slots


__all__ = ["ROWS", "build", "clip_gradients"]
