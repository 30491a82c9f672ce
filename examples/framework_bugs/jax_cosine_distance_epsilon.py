"""The epsilon of optax.cosine_distance bounds the square of a norm, not the norm.

Seen in optax 0.2.8 on jax 0.10.2. "Minimum norm for terms in the denominator" it is called; yet with 1e-8 vectors
below 1e-4 are taken for longer than they are. (3e-5, 4e-5) is at a distance of 0.4 from (1, 0); 0.7 comes out.
Gone round in adapters/backproof_adapters/jax/losses/regression.py, by the formula.
Fails with AssertionError.
"""

import numpy as np
import optax

found = optax.cosine_distance(np.array([3e-5, 4e-5]), np.array([1.0, 0.0]), epsilon=1e-8)
print("found", found, "expected 0.4")
assert np.isclose(found, 0.4)
