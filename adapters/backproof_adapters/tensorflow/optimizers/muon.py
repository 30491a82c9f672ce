"""Muon."""

from typing import Any

import tensorflow as tf

from backproof.optimizers.muon import COEFFICIENTS
from backproof_adapters.tensorflow.optimizers.adam import SLOTS, Adam, adam, lacking
from backproof_adapters.tensorflow.optimizers.table import OptimizerRow


class Muon(Adam):
    """Matrices move along their momentum with its singular values brought near 1, all else as by Adam.

    By hand because keras.optimizers.Muon takes its scale through `floatx`, has the velocity of sums only, and
    Adam with Keras' ε for everything else.
    """

    def __init__(
        self,
        *,
        momentum: float = 0.95,
        nesterov: bool = True,
        velocity: str = "sum",
        iterations_of_matrices: int = 5,
        consistent_rms: float | None = 0.2,
        **others: Any,
    ) -> None:
        super().__init__(**others)
        self.momentum = momentum
        self.nesterov = nesterov
        self.velocity = velocity
        self.iterations_of_matrices = iterations_of_matrices
        self.consistent_rms = consistent_rms

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its velocity or moments."""
        if len(w.shape) != 2:
            super().rule(g, w, rate)
            return
        m = self.slot(self._momentums, w)
        if self.velocity != "sum":
            g = (1.0 - self.momentum) * g
        m.assign(self.momentum * m + g)
        part = tf.convert_to_tensor(m)
        if self.velocity == "corrected":
            t = self.updates()
            powers = tf.constant(self.momentum, tf.float64) ** tf.stack([t, t + 1.0 if self.nesterov else t])
            of_g, of_m = tf.unstack(tf.cast(1.0 - powers, w.dtype))
            g, part = g / of_g, part / of_m
        u = orthogonal(g + self.momentum * part if self.nesterov else part, self.iterations_of_matrices)
        scale = self.consistent_rms * max(w.shape) ** 0.5 if self.consistent_rms else 1.0
        w.assign_sub(rate * scale * u)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        own = ("momentum", "nesterov", "velocity", "iterations_of_matrices", "consistent_rms")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


def orthogonal(u: Any, iterations: int) -> Any:
    """Return the matrix with its singular values brought near 1."""
    a, b, c = COEFFICIENTS
    x = tf.transpose(u) if u.shape[0] > u.shape[1] else u
    x = x / (tf.sqrt(tf.reduce_sum(x * x)) + 1e-7)
    for _ in range(iterations):
        gram = x @ tf.transpose(x)
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return tf.transpose(x) if u.shape[0] > u.shape[1] else x


def _lacking(spec: Any) -> dict[str, Any]:
    own = ("momentum", "nesterov", "velocity", "consistent_rms")
    return {
        **lacking(spec),
        **{name: getattr(spec, name) for name in own},
        "iterations_of_matrices": spec.iterations,
    }


ROWS = {"muon": OptimizerRow(Muon, Muon, SLOTS, adam, _lacking)}
