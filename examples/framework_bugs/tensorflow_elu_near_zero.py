"""tf.nn.elu subtracts 1 from eᶻ, which cancels near 0.

Seen in tensorflow 2.21.0. In float32 −1e-7 gives −1.19e-7, 19 % off, and −1e-8 gives 0. tf.nn.selu does the same.
Gone round in adapters/backproof_adapters/tensorflow/layers/activations.py, by tf.math.expm1.
Fails with AssertionError.
"""

import numpy as np
import tensorflow as tf

z = np.array([-1e-7, -1e-8], "float32")
found, expected = tf.nn.elu(z).numpy(), np.expm1(z.astype("float64"))
print("found", found, "expected", expected, "relative error", abs(found / expected - 1))
assert np.allclose(found, expected, rtol=1e-6, atol=0)
