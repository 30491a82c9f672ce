"""PyTorch: a spec as an nn.Sequential of native layers and a native optimizer, in canonical names."""

from backproof_adapters.torch.adapter import TorchAdapter, TorchTrainer

__all__ = ["TorchAdapter", "TorchTrainer"]
