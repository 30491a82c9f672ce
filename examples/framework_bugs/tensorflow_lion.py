"""Keras' Lion takes 1 − β₂ in the precision of the weights.

Seen in keras 3.15.1 on tensorflow 2.21.0. After one step with a gradient of 1 the momentum is 1 − β₂ = 0.01. In
float32 0.00999999 comes out, off by 9.5e-7 of it, 16 units of roundoff. Keras' Adam subtracts in Python, and is
2e-8 off.
Gone round in adapters/backproof_adapters/tensorflow/optimizers/lion.py, by hand.
Fails with AssertionError.
"""

import keras
import numpy as np

optimizer, weight = keras.optimizers.Lion(1.0, beta_2=0.99), keras.Variable(np.zeros(1), dtype="float32")
optimizer.apply([np.ones(1, "float32")], [weight])
found = optimizer._momentums[0].numpy().item()
print("found", found, "expected 0.01", "relative error", found / 0.01 - 1)
assert abs(found / 0.01 - 1) <= 2.0**-23
