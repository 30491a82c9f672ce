"""Keras moves the average of the weights also after batches that only accumulate gradients.

Seen in keras 3.15.1 on tensorflow 2.21.0. Two gradients of 1 make an update, so that the weight is 0, −1, −1, −2,
−2 after five. Its average with a momentum of ½ starts at −1 and is −1.5 after the second update, up to the third;
but −1.75 comes out. The more batches accumulate, the less is left of what the average remembers.
Gone round in adapters/backproof_adapters/tensorflow/optimizers/conventions.py, by an average after updates only.
Fails with AssertionError.
"""

import keras
import numpy as np

average = {"use_ema": True, "ema_momentum": 0.5}
optimizer, weight = (
    keras.optimizers.SGD(1.0, gradient_accumulation_steps=2, **average),
    keras.Variable(np.zeros(1)),
)
for _ in range(5):
    optimizer.apply([np.ones(1, "float32")], [weight])
found = optimizer._model_variables_moving_average[0].numpy().item()
print("found", found, "expected -1.5")
assert found == -1.5
