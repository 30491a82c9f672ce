"""The kernel's gradient of a 1 × 1 convolution with a stride corrupts memory, or is wrong.

Seen in tensorflow 2.21.0, in float32, by oneDNN. Of ones every weight gets 25 here, the number of outputs. With
AVX-512 it does, but something else is written over, and after a few calls the process dies: "double free or
corruption", "corrupted size vs. prev_size" or a segmentation fault. With AVX2 the three weights get 13, 16 and 25.
Gone round in adapters/backproof_adapters/tensorflow/layers/convolution.py, by taking the stride afterwards.
Fails with a crash or AssertionError.
"""

import numpy as np
import tensorflow as tf

x, kernel = tf.ones((1, 10, 10, 3)), tf.ones((1, 1, 3, 1))
print("expected 25 everywhere", flush=True)
for _ in range(500):
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        y = tf.nn.conv2d(x, kernel, strides=2, padding="VALID")
    found = tape.gradient(y, kernel).numpy().ravel()
    assert np.all(found == 25), f"found {found}"
