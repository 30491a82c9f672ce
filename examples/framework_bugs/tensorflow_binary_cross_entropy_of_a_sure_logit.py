"""tf.nn.weighted_cross_entropy_with_logits cancels where class 0 is predicted with confidence.

Seen in tensorflow 2.21.0. It takes (1 − y)a + (1 + (p − 1)y)(log(1 + e^−|a|) + max(−a, 0)), of which (1 − y)a and
−a cancel for a ≪ 0 and y = 0, where the loss is log(1 + eᵃ). In float32 it is 0.8 % off at a = −10 and returns 0
below −15; tf.nn.sigmoid_cross_entropy_with_logits is right.
Gone round in adapters/backproof_adapters/tensorflow/losses/binary_cross_entropy.py, by two softplus.
Fails with AssertionError.
"""

import numpy as np
import tensorflow as tf

a = np.array([-10.0, -20.0], "float32")
found = tf.nn.weighted_cross_entropy_with_logits(labels=np.zeros(2, "float32"), logits=a, pos_weight=1.0).numpy()
expected = np.log1p(np.exp(a.astype("float64")))
print("found", found, "expected", expected, "relative error", abs(found / expected - 1))
assert np.allclose(found, expected, rtol=1e-6, atol=0)
