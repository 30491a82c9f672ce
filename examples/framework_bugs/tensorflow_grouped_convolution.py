"""A grouped convolution has no gradient in float64 on a CPU, though it has a value.

Seen in tensorflow 2.21.0: "Gradients for grouped convolutions are not supported on CPU". It is a known gap, which
oneDNN has closed in float32 only. With nothing but ones each of 4 channels is seen by 3 of the 6 outputs.
Gone round in adapters/backproof_adapters/tensorflow/layers/convolution.py, by one convolution per group.
Fails with InvalidArgumentError.
"""

import numpy as np
import tensorflow as tf

x, kernel = tf.ones((1, 2, 2, 4), tf.float64), tf.ones((1, 1, 2, 6), tf.float64)
print("expected 3 everywhere", flush=True)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.nn.conv2d(x, kernel, strides=1, padding="VALID")
found = tape.gradient(y, x).numpy()
print("found", found.ravel())
assert np.all(found == 3)
