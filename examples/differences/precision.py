"""Precision: who computes in what, by default and behind the scenes, and how far apart correct results are."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from differences import Measured, as_numpy, difference, distance, error, random
from measure import slopes, values
from torch.nn import functional


@difference(
    "Python numbers in TensorFlow",
    cause="tf.cast makes a float32 tensor of a Python number first. Keras casts its arguments so: momentum, "
    "betas, penalties, the constants of gelu, and the scales of the layers here.",
    mapping="tf.constant(0.9, tf.float64), or np.float64(0.9), where the number is yours.",
    reference="numpy",
    naive={"tf": 2.6e-8, "keras rescaling": 5.9e-8, "keras normalization": 2e-8},
)
def python_numbers_in_tensorflow() -> Measured:
    """Casts 0.9 to float64, divides by 255 in Rescaling, and normalizes by given numbers in Normalization."""
    x, nine = np.arange(3.0), np.array(0.9)
    rescaling = keras.layers.Rescaling(1 / 255, dtype="float64")(x)
    normalization = keras.layers.Normalization(mean=0.1, variance=0.3, dtype="float64")(x)
    normal = (x - 0.1) / np.sqrt(0.3)
    return {
        "tf": (distance(tf.cast(0.9, tf.float64), nine), distance(tf.constant(0.9, tf.float64), nine)),
        "keras rescaling": (distance(rescaling, x / 255), distance(tf.constant(x) * (1 / 255), x / 255)),
        "keras normalization": (
            distance(normalization, normal),
            distance((tf.constant(x) - 0.1) / 0.3**0.5, normal),
        ),
    }


@difference(
    "float64 in jax",
    cause="jax makes float32 of float64, and int32 of int64, unless jax_enable_x64 is set: without a word.",
    mapping="jax.config.update('jax_enable_x64', True) before any array is made, or jax.enable_x64(True) around.",
    facts={"jax": "float32 int32", "jax x64": "float64 int64"},
)
def float64_in_jax() -> Measured:
    """Makes jax arrays of NumPy's float64 and int64."""

    def dtypes():
        return f"{jnp.asarray(np.ones(1)).dtype} {jnp.asarray(np.ones(1, np.int64)).dtype}"

    with jax.enable_x64(True):
        mapped = dtypes()
    with jax.enable_x64(False):
        return {"jax": dtypes(), "jax x64": mapped}


@difference(
    "Dtype of float32 times float64",
    cause="torch and TensorFlow take a NumPy number for a Python one, NumPy and jax for float64; TensorFlow "
    "never promotes arrays.",
    mapping="Say every dtype.",
    facts={
        "numpy number": "float64",
        "torch number": "float32",
        "tf number": "float32",
        "jax number": "float64",
        "numpy array": "float64",
        "torch array": "float64",
        "tf array": "InvalidArgumentError",
        "jax array": "float64",
        "numpy integers": "float64",
        "torch integers": "float32",
        "tf integers": "float64",
        "jax integers": "float64",
    },
)
def dtype_of_products() -> Measured:
    """Multiplies a float32 array by np.float64(0.1), adds a float64 array, and divides integers by each other."""
    single, double, integers = np.ones(1, np.float32), np.ones(1), np.ones(1, np.int64)
    makers = {"numpy": np.asarray, "torch": torch.tensor, "tf": tf.constant, "jax": jnp.asarray}
    found = {}
    for who, make in makers.items():
        with jax.enable_x64(True):
            a, b, n = make(single), make(double), make(integers)
            found[f"{who} number"] = dtype(a * np.float64(0.1))
            raised = error(lambda a=a, b=b: a + b)
            found[f"{who} array"] = dtype(a + b) if raised == "no error" else raised
            found[f"{who} integers"] = dtype(n / n)
    return found


def dtype(array):
    """Return the name of an array's dtype."""
    return str(as_numpy(array).dtype)


@difference(
    "Variance as a difference of squares",
    cause="The mean of the squares and the square of the mean agree in all their digits, where the mean is large "
    "beside the deviation, and their difference is 0 or below. flax.linen.BatchNorm takes this form by default "
    "(use_fast_variance=True).",
    mapping="mean((x - mean(x))²), as all the others do.",
    facts={"numpy": "0.25", "torch": "0.25", "tf": "0.25", "jax": "0.25", "jax difference": "0"},
)
def variance_as_a_difference() -> Measured:
    """Takes the variance of 100 000 000 and the next integer, in float64."""
    functions = {
        "numpy": np.var,
        "torch": lambda x: x.var(correction=0),
        "tf": tf.math.reduce_variance,
        "jax": jnp.var,
        "jax difference": lambda x: jnp.mean(x**2) - jnp.mean(x) ** 2,
    }
    return values(functions, np.array([1e8, 1e8 + 1]))


@difference(
    "Slope of a saturated sigmoid",
    cause="All take y (1 - y) from the rounded y, and 1 - y has few digits or none.",
    mapping="sigmoid(z) * sigmoid(-z) keeps them all: write it where such a unit counts.",
    facts={
        "torch": "0",
        "tf": "0",
        "jax": "0",
        "torch mapped": "4.248e-18",
        "tf mapped": "4.248e-18",
        "jax mapped": "4.248e-18",
    },
)
def slope_of_a_saturated_sigmoid() -> Measured:
    """Differentiates the sigmoid at 40, where its slope is 4e-18."""
    forty = np.full(1, 40.0)
    mapped = {
        "torch mapped": lambda z: z.sigmoid() * (-z).sigmoid(),
        "tf mapped": lambda z: tf.sigmoid(z) * tf.sigmoid(-z),
        "jax mapped": lambda z: jax.nn.sigmoid(z) * jax.nn.sigmoid(-z),
    }
    return slopes({"torch": torch.sigmoid, "tf": tf.sigmoid, "jax": jax.nn.sigmoid}, forty) | values(mapped, forty)


@difference(
    "Slope of a saturated tanh",
    cause="All take 1 - y² from the rounded y, which is 1.",
    mapping="1 / cosh(z)².",
    facts={
        "torch": "0",
        "tf": "0",
        "jax": "0",
        "torch mapped": "1.699e-17",
        "tf mapped": "1.699e-17",
        "jax mapped": "1.699e-17",
    },
)
def slope_of_a_saturated_tanh() -> Measured:
    """Differentiates tanh at 20, where its slope is 1.7e-17."""
    twenty = np.full(1, 20.0)
    mapped = {
        "torch mapped": lambda z: z.cosh() ** -2.0,
        "tf mapped": lambda z: tf.cosh(z) ** -2.0,
        "jax mapped": lambda z: jnp.cosh(z) ** -2.0,
    }
    return slopes({"torch": torch.tanh, "tf": tf.tanh, "jax": jnp.tanh}, twenty) | values(mapped, twenty)


@difference(
    "float32 products and sums",
    cause="Only the order of summation differs.",
    mapping="None is possible. Compare with a tolerance that grows with the sum, as backproof does.",
    reference="numpy",
    rounding=5e-6,
    naive={f"{who} {what}": 0.0 for what in ("matmul", "convolution", "sum") for who in ("torch", "tf", "jax")},
)
def float32_products_and_sums() -> Measured:
    """Computes in float32, and compares with NumPy in float64."""
    a, b, ones = random(64, 784), random(784, 64), np.full(1000000, 0.1)
    image, kernel = random(2, 8, 8, 32), random(3, 3, 32, 16)
    exact = functional.conv2d(torch.tensor(image).permute(0, 3, 1, 2), torch.tensor(kernel).permute(3, 2, 0, 1))
    expected = {"matmul": a @ b, "sum": ones.sum(), "convolution": exact.permute(0, 2, 3, 1)}
    a, b, ones, image, kernel = (x.astype(np.float32) for x in (a, b, ones, image, kernel))
    found = {
        "torch matmul": torch.tensor(a) @ torch.tensor(b),
        "tf matmul": tf.constant(a) @ tf.constant(b),
        "jax matmul": jnp.asarray(a) @ jnp.asarray(b),
        "torch convolution": functional.conv2d(
            torch.tensor(image).permute(0, 3, 1, 2), torch.tensor(kernel).permute(3, 2, 0, 1)
        ).permute(0, 2, 3, 1),
        "tf convolution": tf.nn.conv2d(image, kernel, 1, "VALID"),
        "jax convolution": jax.lax.conv_general_dilated(
            image, kernel, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        ),
        "torch sum": torch.tensor(ones).sum(),
        "tf sum": tf.reduce_sum(ones),
        "jax sum": jnp.asarray(ones).sum(),
    }
    return {who: (distance(it, expected[who.split()[1]]),) * 2 for who, it in found.items()}


@difference(
    "A million float32 numbers one by one",
    cause="A running sum grows until 0.1 has few digits left beside it; np.sum adds up in pairs of blocks.",
    mapping="np.sum, or float64.",
    reference="numpy",
    rounding=1e-7,
    naive={"numpy": 0.01},
)
def a_million_numbers() -> Measured:
    """Adds 0.1 a million times."""
    x = np.full(1000000, 0.1, np.float32)
    expected = np.array(1e5)
    return {"numpy": (distance(np.cumsum(x)[-1], expected), distance(x.sum(), expected))}


@difference(
    "Products of less than float32",
    cause="On GPUs a product may be taken in TF32: by default in TensorFlow and in torch's convolutions, not in "
    "torch's matmul; jax leaves it to the backend. On a CPU none of this counts.",
    mapping="torch.backends.cudnn.allow_tf32 = False, "
    "tf.config.experimental.enable_tensor_float_32_execution(False), jax.default_matmul_precision('highest').",
    facts={"torch matmul": "highest", "torch convolution": "True", "tf": "True", "jax": "None"},
)
def products_of_less_than_float32() -> Measured:
    """Leaves the switches where they are: here is how they stand."""
    return {
        "torch matmul": torch.get_float32_matmul_precision(),
        "torch convolution": str(torch.backends.cudnn.allow_tf32),
        "tf": str(tf.config.experimental.tensor_float_32_execution_enabled()),
        "jax": str(jax.config.jax_default_matmul_precision),
    }


@difference(
    "A ReLU that changes side in float32",
    cause="The sum is 0 but for rounding, and its sign is that of the rounding: two correct programs disagree in "
    "the whole slope. Over 100 updates of a 784-512-10 network 2 such units among 5.9 million moved its weights "
    "from 7e-7 apart to 2e-4; with tanh nothing jumps.",
    mapping="None is possible. Compare in float64, and in float32 with what rounding can do there.",
    facts={"torch": "0", "torch other order": "1", "torch tanh": "1", "torch tanh other order": "1"},
)
def a_relu_that_changes_side() -> Measured:
    """Adds up 0.2 + 0.3 + 0.4 - 0.9 from the left and from the right, in float32, and differentiates."""
    terms = np.float32([0.2, 0.3, 0.4, -0.90000004])

    def from_left(x):
        return ((x[0] + x[1]) + x[2]) + x[3]

    def from_right(x):
        return x[0] + (x[1] + (x[2] + x[3]))

    found = {}
    for name, f in {"": functional.relu, " tanh": torch.tanh}.items():
        found[f"torch{name}"] = lambda x, f=f: f(from_left(x))
        found[f"torch{name} other order"] = lambda x, f=f: f(from_right(x))
    return {who: slope.split()[0] for who, slope in slopes(found, terms).items()}


@difference(
    "Adam's first step on a gradient that cancels",
    cause="Adam divides the gradient by its own size: the first step is the rate times its sign, even where the "
    "gradient is nothing but rounding.",
    mapping="None is possible. Compare steps of Adam only where the gradient is more than rounding.",
    reference="numpy",
    rounding=1e-6,
    naive={"torch": 2.0},
    left={"torch": 2.0},
)
def adam_on_a_gradient_that_cancels() -> Measured:
    """Gives 0.2 + 0.3 + 0.4 - 0.9 in float32, added from the left and from the right, to Adam as a gradient."""
    a, b, c, d = np.float32([0.2, 0.3, 0.4, -0.90000004])

    def step(gradient):
        w = torch.zeros(1, requires_grad=True)
        w.grad = torch.tensor([gradient])
        torch.optim.Adam([w], lr=1.0, eps=0.0).step()
        return w

    off = distance(step(((a + b) + c) + d), step(a + (b + (c + d))))
    return {"torch": (off, off)}
