"""Adadelta."""

from typing import Any

import optax

from backproof_adapters.jax.optimizers.table import Formula, Links, rated


def _adadelta(spec: Any, rate: Any, t: Any) -> Links:
    return optax.scale_by_adadelta(spec.rho, spec.epsilon), *rated(spec, rate)


ROWS = {"adadelta": Formula(_adadelta, {"mean_square": "e_g", "mean_square_update": "e_x"})}
