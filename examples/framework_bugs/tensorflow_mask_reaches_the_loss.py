"""A mask given to one recurrent layer of Keras goes on, on the tensor itself, to the layers above and to the loss.

Seen in keras 3.15.1 on tensorflow 2.21.0. By design: so Keras knows which steps are padding. But here the mask is
an argument of one call, the layer returns numbers at all 4 steps, and the loss is the mean over 2 of them: 0.734,
where the mean over what it is given is 0.811.
Gone round in adapters/backproof_adapters/tensorflow/layers/recurrent.py, by tf.identity, which drops the mask.
Fails with AssertionError.
"""

import keras
import numpy as np

x, mask = np.ones((1, 4, 1), "float32"), np.array([[True, True, False, False]])
ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
y = keras.layers.SimpleRNN(1, return_sequences=True, **ones)(x, mask=mask)
found, expected = keras.losses.MeanSquaredError()(np.zeros((1, 4, 1)), y).numpy(), np.mean(y.numpy() ** 2)
print("found", found, "expected", expected)
assert np.isclose(found, expected)
