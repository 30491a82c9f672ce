"""Initializers: the same name for another law, and what counts as inputs and outputs. Values never agree.

A law is told by its standard deviation, and by where it ends unless it is a whole normal, in units that each page
says. To have the same values, draw in NumPy and inject.
"""

from functools import partial

import jax
import numpy as np
import torch
from differences import Measured, as_numpy, difference, distance
from jax.nn import initializers as in_jax
from keras import initializers as in_keras
from torch.nn import init as in_torch

INPUTS, OUTPUTS = 400, 100
GLOROT, HE, LECUN = np.sqrt(2 / (INPUTS + OUTPUTS)), np.sqrt(2 / INPUTS), np.sqrt(1 / INPUTS)


def by_torch(initializer, *shape, **options):
    """Return what a function of torch.nn.init draws; weights are (outputs, inputs)."""
    w = torch.empty(shape or (OUTPUTS, INPUTS))
    return as_numpy(initializer(w, generator=torch.Generator().manual_seed(0), **options))


def by_keras(initializer, *shape, **options):
    """Return what an initializer of Keras draws; weights are (inputs, outputs)."""
    return as_numpy(initializer(seed=0, **options)(shape or (INPUTS, OUTPUTS)))


def by_jax(initializer, *shape):
    """Return what an initializer of jax draws; weights are (inputs, outputs)."""
    return as_numpy(initializer(jax.random.key(0), shape or (INPUTS, OUTPUTS), np.float32))


def law(values, unit=1.0):
    """Return the standard deviation, and where the law ends."""
    deviation, end = values.std() / unit, np.abs(values).max() / unit
    return f"{deviation:.2g}, " + (f"ends at {end:.2f}" if end / deviation < 3 else "normal")


@difference(
    "Glorot normal",
    cause="torch draws from the whole normal law; Keras and jax cut it at 2 deviations, and stretch what remains "
    "so that its deviation is right, to 2.27. The uniform law, which ends at √3, is the same in all.",
    mapping="VarianceScaling(1, 'fan_avg', 'untruncated_normal') in Keras, variance_scaling(1, 'fan_avg', "
    "'normal') in jax.",
    facts={
        "torch": "1, normal",
        "keras": "1, ends at 2.27",
        "jax": "1, ends at 2.27",
        "keras untruncated": "1, normal",
        "jax untruncated": "1, normal",
        "torch uniform": "1, ends at 1.73",
        "keras uniform": "1, ends at 1.73",
        "jax uniform": "1, ends at 1.73",
    },
)
def glorot_normal() -> Measured:
    """Takes the initializer of this name. In units of √(2 / (inputs + outputs))."""
    untruncated = partial(in_keras.VarianceScaling, 1.0, "fan_avg", "untruncated_normal")
    drawn = {
        "torch": by_torch(in_torch.xavier_normal_),
        "keras": by_keras(in_keras.GlorotNormal),
        "jax": by_jax(in_jax.glorot_normal()),
        "keras untruncated": by_keras(untruncated),
        "jax untruncated": by_jax(in_jax.variance_scaling(1.0, "fan_avg", "normal")),
        "torch uniform": by_torch(in_torch.xavier_uniform_),
        "keras uniform": by_keras(in_keras.GlorotUniform),
        "jax uniform": by_jax(in_jax.glorot_uniform()),
    }
    return {who: law(values, GLOROT) for who, values in drawn.items()}


@difference(
    "He normal",
    cause="As for Glorot normal. torch's kaiming functions take the slope of a leaky ReLU and the mode beside it.",
    mapping="The untruncated law of variance scaling, as for Glorot normal, with scale 2 and 'fan_in'.",
    facts={
        "torch": "1, normal",
        "torch a=√5": "0.41, normal",
        "torch fan_out": "2, normal",
        "keras": "1, ends at 2.27",
        "jax": "1, ends at 2.27",
        "torch uniform": "1, ends at 1.73",
        "keras uniform": "1, ends at 1.73",
        "jax uniform": "1, ends at 1.73",
    },
)
def he_normal() -> Measured:
    """Takes the initializer of this name. In units of √(2 / inputs)."""
    drawn = {
        "torch": by_torch(in_torch.kaiming_normal_),
        "torch a=√5": by_torch(in_torch.kaiming_normal_, a=np.sqrt(5)),
        "torch fan_out": by_torch(in_torch.kaiming_normal_, mode="fan_out"),
        "keras": by_keras(in_keras.HeNormal),
        "jax": by_jax(in_jax.he_normal()),
        "torch uniform": by_torch(in_torch.kaiming_uniform_),
        "keras uniform": by_keras(in_keras.HeUniform),
        "jax uniform": by_jax(in_jax.he_uniform()),
    }
    return {who: law(values, HE) for who, values in drawn.items()}


@difference(
    "LeCun normal",
    cause="torch has none; kaiming_normal_(nonlinearity='linear') is the law without the cut.",
    mapping="variance_scaling(1, 'fan_in', 'normal') in jax; the laws differ in the cut only.",
    facts={
        "torch": "1, normal",
        "keras": "1, ends at 2.27",
        "jax": "1, ends at 2.27",
        "keras uniform": "1, ends at 1.73",
        "jax uniform": "1, ends at 1.73",
    },
)
def lecun_normal() -> Measured:
    """Takes the initializer of this name, in torch kaiming's with gain 1. In units of √(1 / inputs)."""
    drawn = {
        "torch": by_torch(in_torch.kaiming_normal_, nonlinearity="linear"),
        "keras": by_keras(in_keras.LecunNormal),
        "jax": by_jax(in_jax.lecun_normal()),
        "keras uniform": by_keras(in_keras.LecunUniform),
        "jax uniform": by_jax(in_jax.lecun_uniform()),
    }
    return {who: law(values, LECUN) for who, values in drawn.items()}


@difference(
    "Truncated normal",
    cause="Keras and jax cut at 2 deviations, torch at the numbers ±2 themselves: with a deviation of 0.02 it "
    "cuts nothing. After the cut the deviation is 0.88 of what was asked.",
    mapping="trunc_normal_(std=s, a=-2s, b=2s) in torch.",
    facts={
        "torch": "1, normal",
        "torch mapped": "0.88, ends at 2.00",
        "keras": "0.88, ends at 2.00",
        "jax": "0.88, ends at 2.00",
    },
)
def truncated_normal() -> Measured:
    """Asks for a deviation of 0.02. In units of it."""
    s = 0.02
    drawn = {
        "torch": by_torch(in_torch.trunc_normal_, std=s),
        "torch mapped": by_torch(in_torch.trunc_normal_, std=s, a=-2 * s, b=2 * s),
        "keras": by_keras(in_keras.TruncatedNormal, stddev=s),
        "jax": by_jax(in_jax.truncated_normal(s)),
    }
    return {who: law(values, s) for who, values in drawn.items()}


@difference(
    "Normal by default",
    cause="The deviation is 1 in torch, 0.05 in Keras, 0.01 in jax.",
    mapping="Say it.",
    facts={"torch": "1, normal", "keras": "0.05, normal", "jax": "0.01, normal"},
)
def normal_by_default() -> Measured:
    """Takes the normal initializer without arguments."""
    drawn = {
        "torch": by_torch(in_torch.normal_),
        "keras": by_keras(in_keras.RandomNormal),
        "jax": by_jax(in_jax.normal()),
    }
    return {who: law(values) for who, values in drawn.items()}


@difference(
    "Uniform by default",
    cause="Numbers are drawn from [0, 1] in torch, from [-0.05, 0.05] in Keras, from [0, 0.01] in jax.",
    mapping="Say both ends; jax knows no lower one: subtract it.",
    facts={"torch": "0.00 to 1.00", "keras": "-0.05 to 0.05", "jax": "0.00 to 0.01"},
)
def uniform_by_default() -> Measured:
    """Takes the uniform initializer without arguments: in torch and jax no weight is negative."""
    drawn = {
        "torch": by_torch(in_torch.uniform_),
        "keras": by_keras(in_keras.RandomUniform),
        "jax": by_jax(in_jax.uniform()),
    }
    return {who: f"{values.min():.2f} to {values.max():.2f}" for who, values in drawn.items()}


@difference(
    "Variance scaling, normal",
    cause="For Keras 'normal' is another word for 'truncated_normal', for jax it is the whole normal law.",
    mapping="'untruncated_normal' in Keras.",
    facts={
        "keras normal": "1, ends at 2.27",
        "keras truncated_normal": "1, ends at 2.27",
        "keras untruncated_normal": "1, normal",
        "jax normal": "1, normal",
        "jax truncated_normal": "1, ends at 2.27",
    },
)
def variance_scaling_normal() -> Measured:
    """Asks for the distribution of this name. In units of √(2 / inputs)."""
    found = {}
    for name in ("normal", "truncated_normal", "untruncated_normal"):
        found[f"keras {name}"] = law(by_keras(partial(in_keras.VarianceScaling, 2.0, "fan_in", name)), HE)
    for name in ("normal", "truncated_normal"):
        found[f"jax {name}"] = law(by_jax(in_jax.variance_scaling(2.0, "fan_in", name)), HE)
    return found


def fans(draw, shape):
    """Return fan-in and fan-out over the field of 5 × 5: a law of variance 1 / fan ends at √(3 / fan)."""
    field = 25 if len(shape) == 4 else 1
    ends = [np.abs(draw(mode)).max() for mode in ("fan_in", "fan_out")]
    return " ".join(f"{3 / end**2 / field:.0f}" for end in ends)


def fans_of_torch(*shape):
    """Return what torch counts."""
    kaiming = partial(in_torch.kaiming_uniform_, nonlinearity="linear")
    return fans(lambda mode: by_torch(kaiming, *shape, mode=mode), shape)


def fans_of_keras(*shape):
    """Return what Keras counts."""
    return fans(lambda mode: by_keras(partial(in_keras.VarianceScaling, 1.0, mode, "uniform"), *shape), shape)


def fans_of_jax(*shape):
    """Return what jax counts."""
    return fans(lambda mode: by_jax(in_jax.variance_scaling(1.0, mode, "uniform"), *shape), shape)


@difference(
    "Fan-in and fan-out",
    cause="torch counts shape[1] and shape[0], Keras and jax the last but one axis and the last, times the "
    "field. Of a transposed convolution Keras' and torch's layouts have the outputs where the inputs are "
    "counted; of a depthwise one Keras counts all channels as inputs. jax counts 256 inputs for an attention "
    "kernel (64, 4, 16), 4 times too many, unless it is drawn flat.",
    mapping="Compute the deviation from the network in NumPy, draw there, and inject.",
    facts={
        "torch convolution": "16 64",
        "keras convolution": "16 64",
        "jax convolution": "16 64",
        "torch 4 groups": "4 64",
        "keras 4 groups": "4 64",
        "torch transposed": "64 16",
        "keras transposed": "64 16",
        "jax transposed": "16 64",
        "torch depthwise": "1 64",
        "keras depthwise": "64 1",
        "jax depthwise": "1 64",
        "jax attention": "256 1024",
    },
)
def fan_in_and_fan_out() -> Measured:
    """Counts 16 channels to 64 by 5 × 5, 64 channels each by itself, and 64 numbers to 4 heads of 16."""
    return {
        "torch convolution": fans_of_torch(64, 16, 5, 5),
        "keras convolution": fans_of_keras(5, 5, 16, 64),
        "jax convolution": fans_of_jax(5, 5, 16, 64),
        "torch 4 groups": fans_of_torch(64, 4, 5, 5),
        "keras 4 groups": fans_of_keras(5, 5, 4, 64),
        "torch transposed": fans_of_torch(16, 64, 5, 5),
        "keras transposed": fans_of_keras(5, 5, 64, 16),
        "jax transposed": fans_of_jax(5, 5, 16, 64),
        "torch depthwise": fans_of_torch(64, 1, 5, 5),
        "keras depthwise": fans_of_keras(5, 5, 64, 1),
        "jax depthwise": fans_of_jax(5, 5, 1, 64),
        "jax attention": fans_of_jax(64, 4, 16),
    }


@difference(
    "Orthogonal convolution kernels",
    cause="All make the kernel of one output a row of an orthonormal matrix; they draw different ones.",
    mapping="Inject.",
    facts={"torch": "orthonormal", "keras": "orthonormal", "jax": "orthonormal"},
)
def orthogonal_kernels() -> Measured:
    """Looks at the kernels of 8 outputs, each as a row."""
    rows = {
        "torch": by_torch(in_torch.orthogonal_, 8, 4, 3, 3).reshape(8, -1),
        "keras": by_keras(in_keras.Orthogonal, 3, 3, 4, 8).reshape(-1, 8).T,
        "jax": by_jax(in_jax.orthogonal(), 3, 3, 4, 8).reshape(-1, 8).T,
    }
    return {
        who: "orthonormal" if distance(each @ each.T, np.eye(8)) < 1e-5 else "not" for who, each in rows.items()
    }


@difference(
    "Same seed",
    cause="Mersenne twister in torch, Philox in TensorFlow, Threefry in jax: other numbers from the same seed.",
    mapping="Draw in NumPy and inject.",
    facts={"torch": "other values", "keras": "other values"},
)
def same_seed() -> Measured:
    """Draws Glorot's uniform law with the seed 0, and compares with jax."""
    expected = by_jax(in_jax.glorot_uniform())
    drawn = {"torch": by_torch(in_torch.xavier_uniform_).T, "keras": by_keras(in_keras.GlorotUniform)}
    return {
        who: "the same values" if distance(values, expected) < 1e-3 else "other values"
        for who, values in drawn.items()
    }


@difference(
    "Constant initializer in float64",
    cause="Keras casts the number with tf.cast, through float32.",
    mapping="Constant(np.float64(0.1)).",
    reference="numpy",
    naive={"keras": 1.5e-8},
)
def constant_in_float64() -> Measured:
    """Fills float64 with 0.1."""
    naive, mapped = (in_keras.Constant(value)((3,), dtype="float64") for value in (0.1, np.float64(0.1)))
    expected = np.full(3, 0.1)
    return {"keras": (distance(naive, expected), distance(mapped, expected))}
