"""Resizing and upsampling."""

from typing import Any

import jax
import keras
import numpy as np
import tensorflow as tf
from differences import Measured, difference, error, random
from frameworks import channels_first, channels_last
from measure import compare
from torch.nn import functional


def torch_resize(size: int, mode: str, **options: Any) -> Any:
    """functional.interpolate to size × size."""
    return lambda x: functional.interpolate(x, (size, size), mode=mode, **options)


def jax_resize(size: int, method: str, **options: Any) -> Any:
    """jax.image.resize to size × size."""
    return lambda x: jax.image.resize(x, (*x.shape[:2], size, size), method, **options)


def tf_resize(size: int, method: str, **options: Any) -> Any:
    """tf.image.resize to size × size, as Keras calls it, with its result in float64."""
    return lambda x: tf.cast(
        channels_first(tf.image.resize(channels_last(x), (size, size), method, **options)), "float64"
    )


def by_matrix(M: np.ndarray) -> Any:
    """Both axes of an image multiplied by M, in TensorFlow or JAX: out = M x Mᵀ."""
    return lambda x: M @ x @ M.T


def linear(size: int, new: int, align_corners: bool = False) -> np.ndarray:
    """The matrix of linear interpolation, new × size: each row a hat function around the point it looks at."""
    if align_corners:
        at = np.linspace(0, size - 1, new)
    else:
        at = np.clip((np.arange(new) + 0.5) * size / new - 0.5, 0, size - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(size)))


def cubic(size: int, new: int, a: float) -> np.ndarray:
    """The matrix of cubic interpolation; what lies beyond an edge counts as the edge."""
    matrix = np.zeros((new, size))
    for row, at in enumerate((np.arange(new) + 0.5) * size / new - 0.5):
        for index in range(int(np.floor(at)) - 1, int(np.floor(at)) + 3):
            t = abs(at - index)
            near, far = ((a + 2) * t - (a + 3)) * t**2 + 1, a * (((t - 5) * t + 8) * t - 4)
            matrix[row, np.clip(index, 0, size - 1)] += near if t <= 1 else far
    return matrix


@difference(
    "Nearest neighbour by a whole factor",
    cause="Every pixel is repeated; the rules differ where the factor is not whole.",
    mapping="None is needed.",
    naive={"keras": 0, "jax": 0},
)
def nearest_neighbour_by_a_whole_factor() -> Measured:
    """Doubles the size."""
    layer = keras.layers.UpSampling2D(2, dtype="float64")
    return compare(
        [random(2, 3, 4, 4)],
        ("torch", torch_resize(8, "nearest")),
        {"keras": lambda x: channels_first(layer(channels_last(x))), "jax": jax_resize(8, "nearest")},
    )


@difference(
    "Nearest neighbour by another factor",
    cause="torch's nearest takes pixel ⌊i·in/out⌋; TensorFlow and JAX the one under the new pixel's centre.",
    mapping='mode="nearest-exact" in torch.',
    reference="tf",
    naive={"torch": 1.3, "jax": 0},
)
def nearest_neighbour_by_another_factor() -> Measured:
    """Asks torch for nearest, from 5 to 8."""
    return compare(
        [random(2, 3, 5, 5)],
        ("tf", tf_resize(8, "nearest")),
        {"torch": (torch_resize(8, "nearest"), torch_resize(8, "nearest-exact")), "jax": jax_resize(8, "nearest")},
    )


@difference(
    "Bilinear upsampling",
    cause="TensorFlow interpolates in float32, whatever comes in.",
    mapping="The interpolation matrix along each axis, a product in float64.",
    naive={"keras": 1.0e-7, "jax": 0},
)
def bilinear_upsampling() -> Measured:
    """Says dtype="float64" and nothing more."""
    layer = keras.layers.UpSampling2D(2, interpolation="bilinear", dtype="float64")
    return compare(
        [random(2, 3, 4, 4)],
        ("torch", torch_resize(8, "bilinear")),
        {
            "keras": (lambda x: channels_first(layer(channels_last(x))), by_matrix(linear(4, 8))),
            "jax": jax_resize(8, "bilinear"),
        },
    )


@difference(
    "Bilinear upsampling with align_corners",
    cause="With align_corners the outermost pixels keep their place; Keras and JAX know only the other "
    "convention.",
    mapping="The interpolation matrix along each axis.",
    naive={"keras": 0.34, "jax": 0.34},
)
def bilinear_upsampling_with_align_corners() -> Measured:
    """Leaves align_corners=True out."""
    return compare(
        [random(2, 3, 4, 4)],
        ("torch", torch_resize(8, "bilinear", align_corners=True)),
        {
            "keras": (tf_resize(8, "bilinear"), by_matrix(linear(4, 8, align_corners=True))),
            "jax": (jax_resize(8, "bilinear"), by_matrix(linear(4, 8, align_corners=True))),
        },
    )


@difference(
    "Bilinear downsampling",
    cause="jax.image.resize smooths first (antialias=True), torch and TensorFlow do not unless asked. "
    "TensorFlow computes in float32.",
    mapping="antialias=False in JAX, or antialias=True in torch. In TensorFlow the interpolation matrix.",
    naive={"jax": 0.86, "jax with antialias in torch": 0, "keras": 8.8e-7},
)
def bilinear_downsampling() -> Measured:
    """Leaves antialias at its default, from 8 to 3."""
    x = random(2, 3, 8, 8)
    return {
        **compare(
            [x],
            ("torch", torch_resize(3, "bilinear")),
            {
                "jax": (jax_resize(3, "bilinear"), jax_resize(3, "bilinear", antialias=False)),
                "keras": (tf_resize(3, "bilinear"), by_matrix(linear(8, 3))),
            },
        ),
        **compare(
            [x],
            ("torch", torch_resize(3, "bilinear", antialias=True)),
            {"jax with antialias in torch": jax_resize(3, "bilinear")},
        ),
    }


@difference(
    "Antialiased downsampling in TensorFlow",
    cause="The kernel of its gradient takes float32 only, and the image in float64.",
    mapping="The image cast to float32.",
    facts={"tf float64": "InvalidArgumentError", "tf float32": "no error"},
)
def antialiased_downsampling_in_tensorflow() -> Measured:
    """Differentiates tf.image.resize(..., antialias=True) on an image in float64; the forward pass succeeds."""

    def gradient(dtype: str) -> Any:
        image = tf.constant(random(1, 8, 8, 3), dtype)
        with tf.GradientTape() as tape:
            tape.watch(image)
            small = tf.image.resize(image, (3, 3), antialias=True)
        return tape.gradient(small, image)

    return {"tf float64": error(lambda: gradient("float64")), "tf float32": error(lambda: gradient("float32"))}


@difference(
    "Bicubic resizing",
    cause="The cubic has a = −0.75 in torch, where what lies beyond an edge counts as the edge; a = −0.5 in "
    "TensorFlow and JAX, where it is left out and the other weights are scaled up. TensorFlow computes in "
    "float32.",
    mapping="The matrix of torch's rule along each axis.",
    naive={"jax": 0.11, "keras": 0.11},
)
def bicubic_resizing() -> Measured:
    """Asks for bicubic, from 5 to 8."""
    return compare(
        [random(2, 3, 5, 5)],
        ("torch", torch_resize(8, "bicubic")),
        {
            "jax": (jax_resize(8, "bicubic"), by_matrix(cubic(5, 8, a=-0.75))),
            "keras": (tf_resize(8, "bicubic"), by_matrix(cubic(5, 8, a=-0.75))),
        },
    )
