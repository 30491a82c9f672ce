"""optax.MultiSteps never gets rid of a NaN, and hands it on from steps that should do nothing.

Seen in optax 0.2.8 on jax 0.10.2. Two steps make an update here. "In each of these intermediate steps, the
returned value is a tree of zeros", and after an update the gradients "are then set back to zero": both are done by
a product with 0, which leaves NaN as it is. After one such gradient every update is NaN.
Gone round in adapters/backproof_adapters/jax/optimizers/__init__.py, by jnp.where.
Fails with AssertionError.
"""

import numpy as np
import optax

optimizer = optax.MultiSteps(optax.sgd(1.0), every_k_schedule=2)
state, found, expected = optimizer.init(np.zeros(1)), [], [0.0, np.nan, 0.0, -1.0]
for gradient in [np.nan, 1.0, 1.0, 1.0]:
    update, state = optimizer.update(np.array([gradient]), state)
    found.append(update.item())
print("found", found, "expected", expected)
assert np.array_equal(found, expected, equal_nan=True)
