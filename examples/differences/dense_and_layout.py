"""Dense layers and the order of axes."""

from typing import Any

import jax.numpy as jnp
import keras
from differences import Measured, difference, random
from frameworks import call, channels_last
from measure import compare
from torch.nn import functional


@difference(
    "Square dense weight",
    cause="torch's Linear.weight is (out, in); a Keras kernel, and the W of x @ W, is (in, out).",
    mapping="kernel = weight.T, and so for its gradient and its optimizer slots.",
    naive={"keras": 1.2, "jax": 1.2},
)
def square_dense_weight() -> Measured:
    """Copies the weight as it is. A square one fits, and nothing says that it lies the wrong way round."""
    dense = keras.layers.Dense(6, dtype="float64")
    return compare(
        [random(5, 6), random(6, 6), random(6)],
        ("torch", functional.linear),
        {
            "keras": (
                lambda x, W, b: call(dense, [W, b], x),
                lambda x, W, b: call(dense, [keras.ops.transpose(W), b], x),
            ),
            "jax": (lambda x, W, b: x @ W + b, lambda x, W, b: x @ W.T + b),
        },
    )


@difference(
    "Flatten before a dense layer",
    cause="An image lies as (channels, height, width) in torch and as (height, width, channels) in Keras and "
    "most JAX code: flattened, its numbers stand in another order, and so do the columns of the dense "
    "weight behind it.",
    mapping="Transpose to channels first before flattening; or permute the columns of the dense weight, once, "
    "from (C, H, W) to (H, W, C).",
    naive={"keras": 1.7, "jax": 1.7},
)
def flatten_before_a_dense_layer() -> Measured:
    """Transposes the dense weight, as it should, and flattens the image as the framework holds it."""
    x, W = random(2, 3, 4, 5), random(7, 3 * 4 * 5)
    flatten = keras.layers.Flatten(dtype="float64")
    return compare(
        [x, W],
        ("torch", lambda x, W: functional.linear(x.flatten(1), W)),
        {
            "keras": (
                lambda x, W: flatten(channels_last(x)) @ keras.ops.transpose(W),
                lambda x, W: flatten(channels_last(x)) @ _columns_last(W),
            ),
            "jax": (
                lambda x, W: jnp.moveaxis(x, 1, -1).reshape(2, -1) @ W.T,
                lambda x, W: x.reshape(2, -1) @ W.T,
            ),
        },
    )


def _columns_last(W: Any) -> Any:
    """A weight that follows images of (3, 4, 5), for images of (4, 5, 3): inputs × outputs."""
    columns = keras.ops.reshape(keras.ops.transpose(W), (3, 4, 5, -1))
    return keras.ops.reshape(keras.ops.transpose(columns, (1, 2, 0, 3)), (3 * 4 * 5, -1))
