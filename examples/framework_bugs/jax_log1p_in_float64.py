"""XLA's log1p loses two digits between −0.4142 and −0.34 in float64.

Seen in jax 0.10.2, on a CPU: up to 240 units of roundoff off (2.7e-14), at the lower end. Everywhere else, and in
float32, it is at most 4 units off.
Gone round in adapters/backproof_adapters/jax/losses/binary_cross_entropy.py, by log(1 − a) for a of 0.3 and more.
Fails with AssertionError.
"""

import jax
import numpy as np

x = np.linspace(-0.45, -0.25, 2001)
with jax.enable_x64(True):
    found, expected = np.asarray(jax.numpy.log1p(x)), np.log1p(x)
units = np.abs(found / expected - 1) / 2.0**-53
worst = units.argmax()
print("found", units[worst], "units of roundoff at", x[worst], "expected at most 8")
assert units[worst] <= 8
