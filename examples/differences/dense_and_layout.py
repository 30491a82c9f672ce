"""Dense layers and the order of axes."""

import jax.numpy as jnp
import keras
from differences import Measured, compare, difference, random
from frameworks import call, in_jax, in_keras, in_torch
from torch.nn import functional


@difference(
    "Square dense weight",
    cause="torch's Linear.weight is (out, in); a Keras kernel, and the W of x @ W, is (in, out).",
    mapping="kernel = weight.T, and so for its gradient and its optimizer slots.",
    naive={"keras": 1.2, "jax": 1.2},
)
def square_dense_weight() -> Measured:
    """Copies the weight as it is. A square one fits, and nothing says that it lies the wrong way round."""
    x, W, b = random(5, 6), random(6, 6), random(6)
    dense = keras.layers.Dense(6, dtype="float64")
    return compare(
        in_torch(functional.linear, x, W, b),
        keras=(
            in_keras(lambda x, W, b: call(dense, [W, b], x), x, W, b),
            in_keras(lambda x, W, b: call(dense, [keras.ops.transpose(W), b], x), x, W, b),
        ),
        jax=(
            in_jax(lambda x, W, b: jnp.dot(x, W) + b, x, W, b),
            in_jax(lambda x, W, b: jnp.dot(x, W.T) + b, x, W, b),
        ),
    )
