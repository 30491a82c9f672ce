"""RMSprop."""

from typing import Any

import optax

from backproof_adapters.jax.optimizers.table import Formula, Links


def _rmsprop(spec: Any, rate: Any, t: Any) -> Links:
    inside = spec.epsilon_placement == "inside"
    return optax.scale_by_rms(spec.rho, spec.epsilon, eps_in_sqrt=inside), optax.scale_by_learning_rate(rate)


ROWS = {"rmsprop": Formula(_rmsprop, {"mean_square": "nu"})}
