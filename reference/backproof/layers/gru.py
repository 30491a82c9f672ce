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
        of_gates, of_candidate = self._split(own)
        a = affine(own, "", x)
        gates_in = a[:, : 2 * self.units] + affine(of_gates, "recurrent_", h)
        gates = self._sigmoid.value(gates_in)
        r, z = self.block(gates, 0), self.block(gates, 1)
        seen = h if self.reset_after else r * h  # what Uₙ is multiplied by
        s = affine(of_candidate, "recurrent_", seen)
        n_in = self.block(a, 2) + (r * s if self.reset_after else s)
        n = self._tanh.value(n_in)
        return ((1.0 - z) * n + z * h,), (x, h, gates_in, gates, seen, s, n_in, n)

    def step_back(self, own: Own, cache: Cache, dstate: State) -> tuple[Array, State, Gradients]:
        x, h, gates_in, gates, seen, s, n_in, n = cache
        (dh,) = dstate
        r, z = self.block(gates, 0), self.block(gates, 1)
        of_gates, of_candidate = self._split(own)
        dn_in = dh * (1.0 - z) * self._tanh.derivative(n_in, n)
        ds = dn_in * r if self.reset_after else dn_in
        dseen, candidate = affine_back(of_candidate, "recurrent_", seen, ds)
        dr = dn_in * s if self.reset_after else dseen * h
        dz = dh * (h - n)
        dgates_in = np.concatenate([dr, dz], axis=-1) * self._sigmoid.derivative(gates_in, gates)
        before, found = affine_back(of_gates, "recurrent_", h, dgates_in)
        before = before + dh * z + (dseen if self.reset_after else dseen * r)
        recurrent = {name: np.concatenate([found[name], candidate[name]], axis=-1) for name in found}
        dx, from_input = affine_back(own, "", x, np.concatenate([dgates_in, dn_in], axis=-1))
        return dx, (before,), from_input | recurrent

    def _split(self, own: Own) -> tuple[Own, Own]:
        """Return the state's weights and biases for the two gates, and for the candidate."""
        recurrent = {name: w for name, w in own.items() if name.startswith("recurrent_")}
        columns = 2 * self.units
        return (
            {name: w[..., :columns] for name, w in recurrent.items()},
            {name: w[..., columns:] for name, w in recurrent.items()},
        )
