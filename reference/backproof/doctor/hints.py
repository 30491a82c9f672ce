"""What somebody says about a script, so that it need not be inferred."""

from collections.abc import Iterable
from dataclasses import dataclass

from backproof.doctor.reading import Convention
from backproof.errors import BadInput
from backproof.layers import LAYERS
from backproof.losses import LOSSES
from backproof.optimizers import OPTIMIZERS
from backproof.spec import ModelSpec

REDUCTIONS = ("sum", "batch_mean", "mean")


@dataclass(frozen=True)
class Hints:
    """Every field may be left out (None, or empty).

    Arrays are named as the code writes them: `W1`, `self.W1`, `params["W1"]`. `weights`, `biases` and `gradients`
    go from the first layer to the last; `gradients` name all weights' gradients, then all biases'.
    `activations` name the layers after each dense layer, as a spec does: `sigmoid`, `linear` for none.
    `loss` and `optimizer` are types of a spec: `squared_error`, `sgd`. A `spec` says all about the network.

    Raises
    ------
    BadInput
        If an activation, a loss, a reduction or an optimizer is not known by that name.
    """

    weights: tuple[str, ...] = ()
    biases: tuple[str, ...] = ()
    gradients: tuple[str, ...] = ()
    inputs: str | None = None
    targets: str | None = None
    outputs: str | None = None
    activations: tuple[str, ...] = ()
    loss: str | None = None
    factor: float | None = None
    reduction: str | None = None
    optimizer: str | None = None
    rate: float | None = None
    convention: Convention | None = None
    spec: ModelSpec | None = None

    def __post_init__(self) -> None:
        for activation in self.activations:
            _known("activations", activation, ("linear", *LAYERS))
        _known("loss", self.loss, LOSSES)
        _known("reduction", self.reduction, REDUCTIONS)
        _known("optimizer", self.optimizer, OPTIMIZERS)


def _known(field: str, given: str | None, names: Iterable[str]) -> None:
    if given is not None and given not in names:
        raise BadInput(f"{field}: expected one of {', '.join(sorted(names))}, found {given!r}")
