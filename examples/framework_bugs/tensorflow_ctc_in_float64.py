"""tf.nn.ctc_loss fails in float64.

Seen in tensorflow 2.21.0: "cannot compute Mul as input #1 was expected to be a double tensor but is a float
tensor". float32 and float16 work.
Gone round in adapters/backproof_adapters/tensorflow/losses/ctc.py, by the recursion.
Fails with InvalidArgumentError.
"""

import numpy as np
import tensorflow as tf

# Two steps, blank 0, label 1: of the nine paths (1, 1), (0, 1) and (1, 0) spell it.
logits = np.log([[[0.5, 0.3, 0.2]], [[0.1, 0.7, 0.2]]])
expected = -np.log(0.3 * 0.7 + 0.5 * 0.7 + 0.3 * 0.1)
print("expected", expected, flush=True)
found = tf.nn.ctc_loss(labels=[[1]], logits=logits, label_length=[1], logit_length=[2], blank_index=0).numpy()
print("found", found)
assert np.allclose(found, expected, rtol=1e-14)
