"""One function of arrays in three frameworks: its value and its gradients, as NumPy arrays.

Every gradient is pulled back from the same random cotangent. Layouts are turned over inside the function, so that
gradients come out in the layout of the arrays that went in, and are compared as they are.
"""

from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
import tensorflow as tf
import torch
from differences import as_numpy, random

# A function runs once and is mostly compiled: without optimizations XLA takes a quarter of the time.
QUICKLY = {"xla_backend_optimization_level": 0, "xla_cpu_use_fusion_emitters": False}


def in_torch(f: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    """Return f(*arrays) and its gradient with respect to each array, in PyTorch."""
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = f(*tensors)
    gradients = torch.autograd.grad(
        y, tensors, torch.tensor(_cotangent(y, as_numpy(y).dtype)), materialize_grads=True
    )
    return [as_numpy(y), *map(as_numpy, gradients)]


def in_jax(f: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    """Return f(*arrays) and its gradient with respect to each array, in JAX, compiled."""

    def both(*arrays: jax.Array) -> list[jax.Array]:
        y, pull_back = jax.vjp(f, *arrays)
        return [y, *pull_back(_cotangent(y, y.dtype))]

    with jax.enable_x64(True):
        return [as_numpy(a) for a in jax.jit(both, compiler_options=QUICKLY)(*arrays)]


def in_keras(f: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    """Return f(*arrays) and its gradient with respect to each array, in TensorFlow."""
    tensors = [tf.constant(a) for a in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = f(*tensors)
    zero = tf.UnconnectedGradients.ZERO
    gradients = tape.gradient(
        y, tensors, tf.constant(_cotangent(y, y.dtype.as_numpy_dtype)), unconnected_gradients=zero
    )
    return [as_numpy(y), *(as_numpy(tf.convert_to_tensor(g)) for g in gradients)]


def call(layer: keras.Layer, weights: list[Any], x: Any, **options: Any) -> Any:
    """Return what a Keras layer makes of x with the trainable weights given, which keep their gradients."""
    if not layer.built:
        layer.build(x.shape)
    return layer.stateless_call(weights, [v.value for v in layer.non_trainable_variables], x, **options)[0]


def channels_last(x: Any) -> Any:
    """Move the axis of channels from where torch has it to where Keras has it."""
    return keras.ops.moveaxis(x, 1, -1)


def channels_first(x: Any) -> Any:
    """Move the axis of channels from where Keras has it to where torch has it."""
    return keras.ops.moveaxis(x, -1, 1)


def _cotangent(y: Any, dtype: Any) -> np.ndarray:
    return random(*y.shape, seed=1).astype(dtype)
