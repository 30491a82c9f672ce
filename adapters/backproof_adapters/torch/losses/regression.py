"""Distances between output and target, entry by entry."""

from torch.nn import functional

from backproof_adapters.torch.losses.terms import Terms

ROWS: dict[str, Terms] = {
    "squared_error": lambda loss, a, y: functional.mse_loss(a, y, reduction="none"),
    "absolute_error": lambda loss, a, y: functional.l1_loss(a, y, reduction="none"),
    "huber": lambda loss, a, y: functional.huber_loss(a, y, reduction="none", delta=loss.delta),
}
