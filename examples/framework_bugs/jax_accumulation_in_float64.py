"""optax.MultiSteps accumulates float64 gradients in float32.

Seen in optax 0.2.8 on jax 0.10.2. By design, and documented: `accumulator_dtype` is float32 unless told otherwise.
The mean of 0.1 and 0.1 is 7.5e-10 off, in an update that is float64 itself.
Gone round in adapters/backproof_adapters/jax/optimizers/__init__.py, by sums in the gradients' own dtype.
Fails with AssertionError.
"""

import jax
import numpy as np
import optax

optimizer, gradient = optax.MultiSteps(optax.sgd(1.0), every_k_schedule=2), np.array(0.1)
with jax.enable_x64(True):
    _, state = optimizer.update(gradient, optimizer.init(np.array(0.0)))
    found, _ = optimizer.update(gradient, state)
print("found", found, found.dtype, "expected -0.1")
assert abs(float(found) + 0.1) < 1e-15
