"""Batch, layer, group, instance and RMS norm. No bias stands below one: its gradient would be 0."""

from typing import Any

from backproof.initializers import Normal
from backproof.layers import Layer
from backproof.layers.batch_norm import BatchNorm
from backproof.layers.combinators import Residual
from backproof.layers.layer_norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from backproof.layers.sigmoid import Sigmoid
from cases.base import Case, case, dense, title


def _drawn(layer: Layer) -> Layer:
    """Return the layer with a scale and a shift that are not 1 and 0."""
    return layer.model_copy(
        update={"scale_initializer": Normal(mean=1.0, std=0.5), "shift_initializer": Normal(std=0.5)}
    )


def _case(layer: Layer, *shape: int, units: int = 5) -> Case:
    name = title(layer) + (f" over {shape}" if len(shape) > 1 else "")
    layers: list[Any] = [dense(units, bias=False), _drawn(layer), Sigmoid(), dense(2)]
    return case(name, layers, input_shape=shape or (4,))


CASES = (
    _case(BatchNorm()),
    _case(BatchNorm(momentum=0.99, epsilon=1e-3, variance="biased")),
    _case(BatchNorm(scale=False), 2, 4),
    _case(BatchNorm(shift=False, momentum=0.5, variance="biased"), 2, 3, 4),
    _case(BatchNorm(statistics="running", scale=False, shift=False)),
    _case(BatchNorm(statistics="running"), 2, 4),
    case(
        "residual with batch norm",
        [
            Residual(layers=(dense(5, bias=False), _drawn(BatchNorm()), Sigmoid(), dense(4))),
            Residual(layers=(_drawn(BatchNorm(variance="biased")), Sigmoid(), dense(4))),
            dense(2),
        ],
    ),
    _case(LayerNorm()),
    _case(LayerNorm(epsilon=1e-3, shift=False), 3, 4),
    _case(LayerNorm(axes=2, scale=False), 2, 3, 4),
    _case(GroupNorm(groups=2), units=6),
    _case(GroupNorm(groups=2, scale=False), 3, 4, units=6),
    _case(GroupNorm(groups=3, shift=False, epsilon=1e-3), 2, 3, 4, units=6),
    _case(InstanceNorm(), 4, 3),
    _case(InstanceNorm(scale=False, epsilon=1e-3), 2, 3, 4),
    _case(InstanceNorm(shift=False), 2, 3, 4),
    _case(RMSNorm()),
    _case(RMSNorm(epsilon=1e-3, shift=True), 3, 4),
    _case(RMSNorm(axes=2, scale=False), 2, 3, 4),
)
