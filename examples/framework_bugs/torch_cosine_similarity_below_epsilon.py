"""F.cosine_similarity returns the gradient of an unclamped norm also where it clamps the norm at ε.

Seen in torch 2.13.0. Between a = (3e-9, 4e-9), whose length 5e-9 is below ε = 1e-8, and y = (1, 0) the value is
a·y / ε = 0.3, which grows with a by y / ε = (1e8, 0). The gradient that comes out is (8.2e7, −2.4e7).
Gone round in adapters/backproof_adapters/torch/losses/regression.py, by the formula.
Fails with AssertionError.
"""

import torch

a = torch.tensor([3e-9, 4e-9], dtype=torch.float64, requires_grad=True)
y = torch.tensor([1.0, 0.0], dtype=torch.float64)
torch.nn.functional.cosine_similarity(a, y, dim=0, eps=1e-8).backward()
expected = y / 1e-8
print("found", a.grad, "expected", expected)
assert torch.allclose(a.grad, expected)
