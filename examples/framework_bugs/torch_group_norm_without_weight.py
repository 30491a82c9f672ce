"""F.group_norm with a bias and no weight cannot be differentiated.

Seen in torch 2.13.0: "RuntimeError: tensor does not have a device". Forward works, and so does layer_norm's
backward. Each entry of the bias is added to 6 outputs, so that the gradient of their sum is 6.
Gone round in adapters/backproof_adapters/torch/layers/normalization.py, by a weight that stays 1.
Fails with RuntimeError.
"""

import torch

x, bias = torch.arange(24.0).reshape(2, 4, 3), torch.zeros(4, requires_grad=True)
y = torch.nn.functional.group_norm(x, 2, weight=None, bias=bias)
print("expected 6 everywhere", flush=True)
y.sum().backward()
print("found", bias.grad)
assert (bias.grad == 6).all()
