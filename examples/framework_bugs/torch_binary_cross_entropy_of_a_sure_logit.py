"""F.binary_cross_entropy_with_logits cancels where class 0 is predicted with confidence.

Seen in torch 2.13.0. It takes (1 − y)a − log σ(a), a difference of equal numbers for a ≪ 0 and y = 0, where the
loss is log(1 + eᵃ). In float32 it is 0.8 % off at a = −10 and returns 0 below −15. The gradient is right.
Gone round in adapters/backproof_adapters/torch/losses/binary_cross_entropy.py, by two softplus.
Fails with AssertionError.
"""

import numpy as np
import torch

a = torch.tensor([-10.0, -20.0])
found = torch.nn.functional.binary_cross_entropy_with_logits(a, torch.zeros(2), reduction="none").numpy()
expected = np.log1p(np.exp(a.numpy().astype("float64")))
print("found", found, "expected", expected, "relative error", abs(found / expected - 1))
assert np.allclose(found, expected, rtol=1e-6, atol=0)
