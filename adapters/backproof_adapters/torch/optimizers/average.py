"""The moving average of the weights: torch's AveragedModel."""

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

from backproof.optimizers import Average


def averaged(average: Average, module: nn.Module) -> tuple[AveragedModel, dict[Tensor, Tensor]]:
    """Return the averaged model, and the average of each parameter of the module."""
    model = AveragedModel(module, avg_fn=get_ema_avg_fn(average.decay))  # type: ignore[no-untyped-call]
    return model, dict(zip(module.parameters(), model.module.parameters(), strict=True))


def set_updates(model: AveragedModel, average: Average, updates: int) -> None:
    """Set how many updates the average has seen: before its first torch copies the weights, as `first_update`."""
    model.n_averaged.fill_(updates + (average.start == "initial"))
