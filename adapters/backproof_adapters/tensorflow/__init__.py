"""TensorFlow: Keras 3 layers, losses and optimizers, native wherever some setting of theirs is exact."""

from backproof_adapters.tensorflow.adapter import TensorFlowAdapter, TensorFlowTrainer

__all__ = ["TensorFlowAdapter", "TensorFlowTrainer"]
