"""Layers by default: what their weights are at first."""

from functools import partial

import keras
import numpy as np
import torch
from differences import Measured, as_numpy, difference, distance
from initializers import INPUTS, LECUN, by_keras, law
from measure import text


def seeded(make):
    """Return a module of torch that is made with a seed, and leave torch's own stream of numbers as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return make()


@difference(
    "Weights of a dense layer by default",
    cause="torch draws weights and biases from ±1 / √inputs, which is kaiming_uniform_ with a=√5; Keras draws "
    "weights from Glorot's uniform law, and starts biases at 0.",
    mapping="Say the initializers; or draw in NumPy and inject.",
    facts={
        "torch": "0.58, ends at 1.00",
        "torch bias": "0.58, ends at 1.00",
        "keras": "1.3, ends at 2.19",
        "keras bias": "0, ends at 0",
    },
)
def dense_by_default() -> Measured:
    """Builds the layer. In units of √(1 / inputs)."""
    linear = seeded(partial(torch.nn.Linear, INPUTS, 10000))
    bias = keras.layers.Dense(1).bias_initializer((1000,))
    return {
        "torch": law(as_numpy(linear.weight), LECUN),
        "torch bias": law(as_numpy(linear.bias), LECUN),
        "keras": law(by_keras(type(keras.layers.Dense(1).kernel_initializer)), LECUN),
        "keras bias": f"{as_numpy(bias).std():g}, ends at {as_numpy(bias).max():g}",
    }


@difference(
    "Embedding by default",
    cause="torch draws from the normal law of deviation 1, Keras from ±0.05.",
    mapping="Say the initializer.",
    facts={"torch": "1, normal", "keras": "0.029, ends at 0.05"},
)
def embedding_by_default() -> Measured:
    """Builds the layer, of 1000 words and 64 numbers."""
    embedding = keras.layers.Embedding(1000, 64)
    return {
        "torch": law(as_numpy(seeded(partial(torch.nn.Embedding, 1000, 64)).weight)),
        "keras": law(by_keras(type(embedding.embeddings_initializer), 1000, 64)),
    }


@difference(
    "LSTM by default",
    cause="torch draws everything, biases too, from ±1 / √hidden. Keras draws the kernel from Glorot's law, "
    "whose outputs are those of all 4 gates, takes one orthogonal matrix for all 4, and starts the forget gate's "
    "bias at 1, the others at 0.",
    mapping="Inject; unit_forget_bias=False in Keras.",
    facts={
        "torch kernel": "1.0",
        "torch recurrent": "1.0",
        "torch bias": "1.0",
        "keras kernel": "1.0",
        "keras recurrent": "orthonormal",
        "keras bias": "0 1 0 0",
    },
)
def lstm_by_default() -> Measured:
    """Builds an LSTM of 64 inputs and 32 units. In units of 1 / √hidden, Keras' kernel of √(6 / (64 + 128))."""
    native = seeded(partial(torch.nn.LSTM, 64, 32))
    ends = {name: weight.abs().max().item() * np.sqrt(32) for name, weight in native.named_parameters()}
    layer = keras.layers.LSTM(32)
    layer.build((1, 1, 64))
    kernel, recurrent, bias = map(as_numpy, layer.cell.trainable_variables)
    return {
        "torch kernel": f"{ends['weight_ih_l0']:.1f}",
        "torch recurrent": f"{ends['weight_hh_l0']:.1f}",
        "torch bias": f"{ends['bias_ih_l0']:.1f}",
        "keras kernel": f"{np.abs(kernel).max() / np.sqrt(6 / (64 + 128)):.1f}",
        "keras recurrent": "orthonormal" if distance(recurrent @ recurrent.T, np.eye(32)) < 1e-5 else "not",
        "keras bias": text(bias.reshape(4, 32).mean(axis=1)),
    }


@difference(
    "Multi-head attention by default",
    cause="torch draws query, key and value from Glorot's uniform law as one matrix (3 E, E), Keras each as its "
    "own; torch's output is drawn from ±1 / √E. Biases are 0 in both.",
    mapping="Inject.",
    facts={"torch inputs": "0.7", "torch output": "0.6", "torch bias": "0", "keras inputs": "1.0"},
)
def attention_by_default() -> Measured:
    """Builds 4 heads of 16 for E = 64. Here is where each law ends, in units of √(6 / 2E)."""
    native = seeded(partial(torch.nn.MultiheadAttention, 64, 4))
    layer = keras.layers.MultiHeadAttention(4, 16)
    layer.build((1, 3, 64), (1, 3, 64))
    unit = np.sqrt(6 / 128)
    return {
        "torch inputs": f"{np.abs(as_numpy(native.in_proj_weight)).max() / unit:.1f}",
        "torch output": f"{np.abs(as_numpy(native.out_proj.weight)).max() / unit:.1f}",
        "torch bias": text(native.in_proj_bias.abs().max()),
        "keras inputs": f"{np.abs(as_numpy(layer.query_dense.kernel)).max() / unit:.1f}",
    }
