"""The JAX adapter: jax.nn activations, optax losses and optax transformations, one compiled program per step."""

from backproof_adapters.jax.adapter import JaxAdapter, JaxTrainer

__all__ = ["JaxAdapter", "JaxTrainer"]
