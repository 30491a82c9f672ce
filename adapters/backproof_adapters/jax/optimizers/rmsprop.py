"""RMSprop."""

from typing import Any

import optax

from backproof_adapters.jax.optimizers.table import Formula, Links, rated


def _rmsprop(spec: Any, rate: Any, t: Any) -> Links:
    scaled_by = optax.scale_by_stddev if spec.centered else optax.scale_by_rms
    root = scaled_by(spec.rho, spec.epsilon, eps_in_sqrt=spec.epsilon_placement == "inside")
    if not spec.momentum:
        return root, *rated(spec, rate)
    velocity, negated = optax.trace(spec.momentum), optax.scale(-1.0)
    if spec.velocity == "gradients":
        return root, velocity, *rated(spec, rate)
    # The velocity holds +η d, as in Keras.
    return root, *rated(spec, rate), negated, velocity, negated


ROWS = {"rmsprop": Formula(_rmsprop, {"mean_square": "nu", "mean_gradient": "mu", "velocity": "trace"})}
