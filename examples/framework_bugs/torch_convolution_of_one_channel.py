"""A convolution of one channel that lies last in memory is wrong where it has a stride and one column of outputs.

Seen in torch 2.13.0, in float32, by oneDNN, only on a CPU with AVX-512. Two images of 5 × 3 ones under a 3 × 3
kernel of ones give 9 everywhere. In `channels_last`, or permuted from (B, H, W, 1), they give 9, 6, 6.
`.contiguous()` does not help: torch takes such a tensor for contiguous already.
Gone round in adapters/backproof_adapters/torch/layers/channels.py, by a copy in the usual order.
Fails with AssertionError.
"""

import torch

x = torch.ones(2, 1, 5, 3).to(memory_format=torch.channels_last)
found = torch.nn.functional.conv2d(x, torch.ones(1, 1, 3, 3), stride=(1, 2))
print("found", found.flatten().tolist(), "expected 9 everywhere")
assert (found == 9).all()
