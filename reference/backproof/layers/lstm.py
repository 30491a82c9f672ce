"""Long short-term memory."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Own
from backproof.layers.recurrent import Gradients, Recurrent, State, affine, affine_back


class LSTM(Recurrent):
    """A cell state c that is only forgotten by a factor and added to, so that its gradient does not fade.

        i, f, g, o = σ(zᵢ), σ(z_f), tanh(z_g), σ(zₒ)   with [zᵢ, z_f, z_g, zₒ] = x_t W + b + h_t−1 U
        c_t = f ⊙ c_t−1 + i ⊙ g
        h_t = o ⊙ tanh(c_t)

    The blocks of columns are i, f, g, o: input gate, forget gate, candidate, output gate, as in PyTorch and in
    Keras, which calls the candidate c. Nothing is added to the forget gate's bias. Hochreiter & Schmidhuber 1997;
    Gers et al. 2000.
    """

    type: Literal["lstm"] = "lstm"
    blocks: ClassVar[int] = 4
    states: ClassVar[int] = 2

    def step(self, own: Own, x: Array, state: State) -> tuple[State, Cache]:
        h, c = state
        z = affine(own, "", x) + affine(own, "recurrent_", h)
        gates = self._sigmoid.value(z)  # of every block at once; the candidate's goes unused
        i, f, o = (self.block(gates, k) for k in (0, 1, 3))
        g = self._tanh.value(self.block(z, 2))
        new = f * c + i * g
        a = self._tanh.value(new)
        return (o * a, new), (x, h, c, z, gates, g, new, a)

    def step_back(self, own: Own, cache: Cache, dstate: State) -> tuple[Array, State, Gradients]:
        x, h, c, z, gates, g, new, a = cache
        i, f, o = (self.block(gates, k) for k in (0, 1, 3))
        slopes = self._sigmoid.derivative(z, gates)
        dh, dc = dstate
        dc = dc + dh * o * self._tanh.derivative(new, a)
        dz = np.concatenate(
            [
                dc * g * self.block(slopes, 0),
                dc * c * self.block(slopes, 1),
                dc * i * self._tanh.derivative(self.block(z, 2), g),
                dh * a * self.block(slopes, 3),
            ],
            axis=-1,
        )
        dx, found = affine_back(own, "", x, dz)
        dh, more = affine_back(own, "recurrent_", h, dz)
        return dx, (dh, dc * f), found | more
