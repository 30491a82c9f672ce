"""XLA's compiler aborts the process over the input's gradient of some padded convolutions with a stride.

Seen in jax 0.10.2, on a CPU: "Window dimensions do not match RHS shape". Here a 6 × 6 image, padded by 1, is
convolved with a 4 × 2 kernel and stride 2. With nothing but ones, the gradient counts the windows over a pixel.
Gone round in adapters/backproof_adapters/jax/layers/convolution.py, by padding beforehand.
Fails with a crash.
"""

import jax
import numpy as np

expected = np.zeros((8, 8))
for i in range(0, 5, 2):
    for j in range(0, 7, 2):
        expected[i : i + 4, j : j + 2] += 1
expected = expected[1:-1, 1:-1]
print("expected", expected.tolist(), flush=True)

x, kernel = np.ones((1, 1, 6, 6), "float32"), np.ones((1, 1, 4, 2), "float32")
found = jax.grad(lambda x: jax.lax.conv_general_dilated(x, kernel, (2, 2), [(1, 1), (1, 1)]).sum())(x)
print("found", found[0, 0].tolist())
assert (found[0, 0] == expected).all()
