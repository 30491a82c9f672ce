"""The gated recurrent unit, with its reset gate before or after the product."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array
from backproof.layers.base import Cache, Own
from backproof.layers.recurrent import Gradients, Recurrent, State, affine, affine_back


class GRU(Recurrent):
    """A state of which one gate says how much stays, another how much of it the candidate sees.

        r, z = σ(aᵣ + sᵣ), σ(a_z + s_z)   with [aᵣ, a_z, aₙ] = x_t W + b and [sᵣ, s_z, sₙ] = h_t−1 U + b′
        n = tanh(aₙ + r ⊙ sₙ)
        h_t = (1 − z) ⊙ n + z ⊙ h_t−1

    The blocks of columns are r, z, n: reset gate, update gate, candidate, as in PyTorch; Keras has z, r, n. With
    `reset_after` false the reset gate comes before the product, sₙ = (r ⊙ h_t−1) Uₙ + b′ₙ and n = tanh(aₙ + sₙ),
    as in Cho et al. 2014; after it, as in PyTorch and by default in Keras, each has its own bias b and b′.
    """

    type: Literal["gru"] = "gru"
    recurrent_bias: bool = True
    reset_after: bool = True
    blocks: ClassVar[int] = 3

    def step(self, own: Own, x: Array, state: State) -> tuple[State, Cache]:
        (h,) = state
        gates, candidate = self._split(own)
        a, s = affine(own, "", x), affine(gates, "recurrent_", h)
        r_in, z_in = self.block(a, 0) + self.block(s, 0), self.block(a, 1) + self.block(s, 1)
        r, z = self._sigmoid.value(r_in), self._sigmoid.value(z_in)
        seen = h if self.reset_after else r * h
        s = affine(candidate, "recurrent_", seen)
        n_in = self.block(a, 2) + (r * s if self.reset_after else s)
        n = self._tanh.value(n_in)
        return ((1.0 - z) * n + z * h,), (x, h, seen, s, (r_in, z_in, n_in), (r, z, n))

    def step_back(self, own: Own, cache: Cache, dstate: State) -> tuple[Array, State, Gradients]:
        x, h, seen, s, (r_in, z_in, n_in), (r, z, n) = cache
        gates, candidate = self._split(own)
        (dh,) = dstate
        dn = dh * (1.0 - z) * self._tanh.derivative(n_in, n)
        dseen, of_candidate = affine_back(candidate, "recurrent_", seen, dn * r if self.reset_after else dn)
        dr = (dn * s if self.reset_after else dseen * h) * self._sigmoid.derivative(r_in, r)
        dz = dh * (h - n) * self._sigmoid.derivative(z_in, z)
        before, of_gates = affine_back(gates, "recurrent_", h, np.concatenate([dr, dz], axis=-1))
        before = before + dh * z + (dseen if self.reset_after else dseen * r)
        dx, found = affine_back(own, "", x, np.concatenate([dr, dz, dn], axis=-1))
        joined = {name: np.concatenate([of_gates[name], of_candidate[name]], axis=-1) for name in of_gates}
        return dx, (before,), found | joined

    def _split(self, own: Own) -> tuple[Own, Own]:
        """Return the state's weights and biases for the two gates, and for the candidate."""
        recurrent = {name: w for name, w in own.items() if name.startswith("recurrent_")}
        columns = 2 * self.units
        return (
            {name: w[..., :columns] for name, w in recurrent.items()},
            {name: w[..., columns:] for name, w in recurrent.items()},
        )
