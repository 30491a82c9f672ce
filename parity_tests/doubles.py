"""A wrong implementation, and small networks, for tests where the frameworks are not the point."""

from collections.abc import Callable
from typing import Any

from backproof import ModelSpec, Network, State
from backproof.fields import Array
from backproof.implementation import NumPy
from backproof.layers.dense import Dense
from backproof.layers.tanh import Tanh
from backproof.losses import SquaredError
from backproof.optimizers import SGD

SPEC = ModelSpec(
    name="small",
    input_shape=(4,),
    layers=(Dense(units=5, name="hidden"), Tanh(), Dense(units=3, name="output")),
    loss=SquaredError(),
    optimizer=SGD(learning_rate=0.1),
)

OVERFLOWING: dict[str, Any] = {
    "name": "overflowing",
    "input_shape": [2],
    "layers": [{"type": "dense", "name": "only", "units": 3}],
    "loss": {"type": "squared_error"},
    "optimizer": {"type": "sgd", "learning_rate": 1e37},
}
"""Every step multiplies the weights by some 1e37: float32 is left in step 2, float64 a few steps later."""


class DoubledBias(Network):
    """Doubles the gradient of the hidden bias, and nothing else."""

    def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        dx, gradients = super().backward(state, caches, dy)
        return dx, gradients | {"hidden.bias": 2.0 * gradients["hidden.bias"]}


class Double(NumPy):
    """An implementation around any network."""

    def __init__(self, name: str = "mine", network: Callable[[ModelSpec], Network] = DoubledBias) -> None:
        super().__init__(name, network)
