"""AveragedModel with get_ema_multi_avg_fn cannot average a module without parameters.

Seen in torch 2.13.0: the second update ends in "RuntimeError: Expected !nested_tensorlist[0].empty() to be true".
Without any function given it does so too. There is nothing to average, and nothing should be done: what
get_ema_avg_fn, weight by weight, does.
Gone round in adapters/backproof_adapters/torch/optimizers/average.py, by get_ema_avg_fn.
Fails with RuntimeError.
"""

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

module = torch.nn.ReLU()
model = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(0.9))
print("expected 2 updates", flush=True)
model.update_parameters(module)
model.update_parameters(module)
print("found", model.n_averaged.item())
assert model.n_averaged == 2
