"""The simple recurrent layer."""

from typing import ClassVar, Literal

from backproof.fields import Array
from backproof.layers.base import Cache, Elementwise, Own
from backproof.layers.recurrent import Gradients, Recurrent, State, affine, affine_back
from backproof.layers.relu import ReLU


class SimpleRNN(Recurrent):
    """h_t = f(x_t W + b + h_t−1 U), with f tanh or the rectifier (Elman 1990)."""

    type: Literal["simple_rnn"] = "simple_rnn"
    activation: Literal["tanh", "relu"] = "tanh"
    blocks: ClassVar[int] = 1

    @property
    def _activation(self) -> Elementwise:
        return self._tanh if self.activation == "tanh" else ReLU()

    def step(self, own: Own, x: Array, state: State) -> tuple[State, Cache]:
        (h,) = state
        z = affine(own, "", x) + affine(own, "recurrent_", h)
        a = self._activation.value(z)
        return (a,), (x, h, z, a)

    def step_back(self, own: Own, cache: Cache, dstate: State) -> tuple[Array, State, Gradients]:
        x, h, z, a = cache
        dz = dstate[0] * self._activation.derivative(z, a)
        dx, found = affine_back(own, "", x, dz)
        dh, more = affine_back(own, "recurrent_", h, dz)
        return dx, (dh,), found | more
