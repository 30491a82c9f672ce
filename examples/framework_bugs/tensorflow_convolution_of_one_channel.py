"""A convolution of one channel is wrong where it has a stride and one column of outputs.

Seen in tensorflow 2.21.0, in float32, by oneDNN, only on a CPU with AVX-512; one image alone is right. Two images
of 5 × 3 ones under a 3 × 3 kernel of ones give 9 everywhere. What comes out is 9, 6 and whatever lay in memory:
6.02 in one run, 1.9e33 in another. So does torch in this layout, see torch_convolution_of_one_channel.py.
Gone round in adapters/backproof_adapters/tensorflow/layers/convolution.py: no stride where one output comes out.
Fails with AssertionError.
"""

import numpy as np
import tensorflow as tf

found = tf.nn.conv2d(tf.ones((2, 5, 3, 1)), tf.ones((3, 3, 1, 1)), strides=(1, 2), padding="VALID").numpy()
print("found", found.ravel(), "expected 9 everywhere")
assert np.all(found == 9)
