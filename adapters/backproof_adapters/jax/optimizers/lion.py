"""Lion."""

from typing import Any

import optax

from backproof_adapters.jax.optimizers.table import Formula, Links, rated


def _lion(spec: Any, rate: Any, t: Any) -> Links:
    return optax.scale_by_lion(spec.beta1, spec.beta2), *rated(spec, rate)


ROWS = {"lion": Formula(_lion, {"first_moment": "mu"})}
