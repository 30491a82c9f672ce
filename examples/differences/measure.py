"""The two measurements that many differences share: how far apart functions are, and their slopes at points."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import tensorflow as tf
import torch
from differences import Measured, as_numpy, distance
from frameworks import in_jax, in_keras, in_torch

Function = Callable[..., Any]

RUN = {"torch": in_torch, "jax": in_jax, "optax": in_jax, "keras": in_keras, "tf": in_keras}


def compare(
    arrays: Sequence[np.ndarray],
    reference: tuple[str, Function],
    others: Mapping[str, Function | tuple[Function, Function]],
) -> Measured:
    """Return for each of `others` how far its value and gradients are from the reference: (as copied, mapped).

    Who computes is the first word of a key. One function alone needs no mapping.
    """
    return pairs(lambda who, f: RUN[who.split()[0]](f, *arrays), reference, others)


def pairs(
    run: Callable[[str, Function], Any], reference: tuple[str, Function], others: Mapping[str, Any]
) -> Measured:
    """Return for each of `others`, one or a pair, how far what `run(who, it)` returns is from the reference's."""
    expected = run(*reference)
    measured = {}
    for who, both in others.items():
        both = both if isinstance(both, tuple) else (both,)
        distances = [distance(run(who, it), expected) for it in both]
        measured[who] = (distances[0], distances[-1])
    return measured


def slopes(functions: Mapping[str, Function], *arrays: np.ndarray) -> Measured:
    """Return the gradient of the sum of each function's values with respect to all the arrays, as text."""
    return {who: text(*SLOPE[who.split()[0]](f, arrays)) for who, f in functions.items()}


def _torch_slope(f: Function, arrays: Sequence[np.ndarray]) -> Any:
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    return torch.autograd.grad(f(*tensors).sum(), tensors)


def _jax_slope(f: Function, arrays: Sequence[np.ndarray]) -> Any:
    with jax.enable_x64(True):
        return jax.grad(lambda *a: f(*a).sum(), argnums=tuple(range(len(arrays))))(*arrays)


def _keras_slope(f: Function, arrays: Sequence[np.ndarray]) -> Any:
    tensors = [tf.constant(a) for a in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = tf.reduce_sum(f(*tensors))
    return tape.gradient(y, tensors)


SLOPE = {"torch": _torch_slope, "jax": _jax_slope, "optax": _jax_slope, "keras": _keras_slope, "tf": _keras_slope}


TENSOR = {
    "numpy": np.asarray,
    "torch": torch.tensor,
    "jax": jnp.asarray,
    "optax": jnp.asarray,
    "keras": tf.constant,
    "tf": tf.constant,
}


def values(functions: Mapping[str, Function], *arrays: np.ndarray) -> Measured:
    """Return what each function makes of the arrays, as text."""
    with jax.enable_x64(True):
        return {who: text(f(*map(TENSOR[who.split()[0]], arrays))) for who, f in functions.items()}


def text(*arrays: Any) -> str:
    """Return numbers as text to four digits: facts that may be NaN can so be compared."""
    return " ".join(f"{number + 0.0:.4g}" for array in arrays for number in as_numpy(array).ravel())
