"""Embedding and dropout."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from differences import Measured, as_numpy, difference, distance, error, random
from frameworks import call
from measure import compare, text
from torch.nn import functional

IDS = np.array([[1, 0, 3], [0, 3, 3]])
TABLE = random(5, 4)


@difference(
    "Padding index of an embedding",
    cause="torch's padding_idx keeps the gradient of that row at 0 (and draws it as 0); its forward pass still "
    "reads the row. Keras' mask_zero only hands a mask on; JAX has neither.",
    mapping="where(row == padding_idx, stop_gradient(table), table); or no padding_idx in torch.",
    naive={"keras mask_zero": 0.24, "jax": 0.24},
)
def padding_index_of_an_embedding() -> Measured:
    """Takes mask_zero for padding_idx. The outputs agree."""
    layer = keras.layers.Embedding(5, 4, mask_zero=True, dtype="float64")
    row = np.arange(5)[:, None]

    def in_keras(table: Any) -> Any:
        return call(layer, [table], tf.constant(IDS))

    return compare(
        [TABLE],
        ("torch", lambda table: functional.embedding(torch.tensor(IDS), table, padding_idx=0)),
        {
            "keras mask_zero": (
                in_keras,
                lambda table: in_keras(tf.where(row == 0, tf.stop_gradient(table), table)),
            ),
            "jax": (
                lambda table: table[IDS],
                lambda table: jnp.where(row == 0, jax.lax.stop_gradient(table), table)[IDS],
            ),
        },
    )


@difference(
    "Embedding of an index out of range",
    cause="torch checks every index. TensorFlow checks them on a CPU, once Keras has counted negative ones from "
    "the end. JAX cannot raise from compiled code: beyond the end, brackets clamp and jnp.take fills with NaN.",
    mapping="Check the indices before they go in.",
    facts={
        "torch 7": "IndexError",
        "keras 7": "InvalidArgumentError",
        "jax table[7]": "last row",
        "jax take 7": "NaN",
        "torch -1": "IndexError",
        "keras -1": "last row",
        "jax table[-1]": "last row",
        "jax take -1": "last row",
    },
)
def embedding_of_an_index_out_of_range() -> Measured:
    """Relies on an error. Here 7 and −1 in a table of five rows."""
    layer = keras.layers.Embedding(5, 4, dtype="float64")
    layer.build(())
    layer.set_weights([TABLE])

    def row(look_up: Any, index: int) -> str:
        if (raised := error(lambda: look_up(index))) != "no error":
            return raised
        found = as_numpy(look_up(index))
        return "NaN" if np.isnan(found).all() else "last row" if distance(found, TABLE[4]) < 1e-6 else "other"

    look_ups = {
        "torch {}": lambda index: functional.embedding(torch.tensor(index), torch.tensor(TABLE)),
        "keras {}": lambda index: layer(tf.constant(index)),
        "jax table[{}]": lambda index: jnp.asarray(TABLE)[index],
        "jax take {}": lambda index: jnp.take(jnp.asarray(TABLE), index, axis=0),
    }
    return {who.format(index): row(look_up, index) for index in (7, -1) for who, look_up in look_ups.items()}


def torch_adam(batches: list[list[int]], kind: Any = torch.optim.Adam, sparse: bool = False) -> np.ndarray:
    """The table after one update for each batch of indices, on the sum of the squares of the rows they name."""
    table = torch.tensor(TABLE, requires_grad=True)
    adam = kind([table], lr=0.125, betas=(0.5, 0.75), eps=1e-300)
    for ids in batches:
        loss = functional.embedding(torch.tensor(ids), table, sparse=sparse).square().sum()
        table.grad = torch.autograd.grad(loss, table)[0]
        adam.step()
    return as_numpy(table)


def keras_adam(batches: list[list[int]], densify: bool) -> np.ndarray:
    """The same. The rates are powers of 2 and ε negligible, so that nothing but the gradient's form differs."""
    table = keras.Variable(TABLE, dtype="float64")
    adam = keras.optimizers.Adam(0.125, beta_1=0.5, beta_2=0.75, epsilon=1e-300)
    for ids in batches:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.gather(table.value, ids) ** 2)
        gradient = tape.gradient(loss, table.value)
        adam.apply([tf.convert_to_tensor(gradient) if densify else gradient], [table])
    return as_numpy(table.value)


@difference(
    "An index twice in a batch with Adam",
    cause="The gradient of an embedding is IndexedSlices in TensorFlow, one for each index of the batch. Where "
    "an index occurs twice Keras' Adam adds up the squares of both slices; due is the square of their "
    "sum.",
    mapping="tf.convert_to_tensor(gradient) before it reaches the optimizer.",
    naive={"keras": 0.027, "keras every index once": 0},
)
def an_index_twice_in_a_batch_with_adam() -> Measured:
    """Passes the gradient on as it comes. Every word that a text repeats is such an index."""

    def measured(batches: list[list[int]]) -> tuple[float, float]:
        expected = torch_adam(batches)
        return distance(keras_adam(batches, False), expected), distance(keras_adam(batches, True), expected)

    return {
        "keras": measured([[0, 1, 1], [2, 3, 3], [3, 4, 4]]),
        "keras every index once": measured([[0, 1], [2, 3], [3, 4]]),
    }


@difference(
    "Lazy Adam",
    cause="torch's SparseAdam leaves the rows that a batch lacks as they are, and their moments too. Adam goes "
    "on moving them by what their moments remember; Keras does so for a sparse gradient as well.",
    mapping="torch.optim.Adam, and sparse=False in the embedding.",
    reference="keras",
    naive={"torch SparseAdam": 0.029},
)
def lazy_adam() -> Measured:
    """Takes SparseAdam for Adam on sparse gradients."""
    batches = [[0, 1], [2, 3], [3, 4]]
    expected = keras_adam(batches, densify=False)
    lazy = torch_adam(batches, torch.optim.SparseAdam, sparse=True)
    return {"torch SparseAdam": (distance(lazy, expected), distance(torch_adam(batches), expected))}


@difference(
    "Dropout with one seed",
    cause="Three generators, three streams. All divide what is kept by 1 − p; none takes a mask.",
    mapping="x · mask / (1 − p) with one mask for all, in a layer of one's own.",
    naive={"keras": 1.0, "jax": 1.0},
)
def dropout_with_one_seed() -> Measured:
    """Sets the same seed everywhere."""
    x, p = random(20, 20), 0.3
    mask = np.random.default_rng(0).random(x.shape) >= p
    with torch.random.fork_rng():
        torch.manual_seed(0)
        drawn = as_numpy(functional.dropout(torch.tensor(x), p))
    in_jax = jax.random.bernoulli(jax.random.key(0), 1 - p, x.shape)
    mapped = compare(
        [x],
        ("torch", lambda x: x * torch.tensor(mask) / (1 - p)),
        {"keras": lambda x: x * keras.ops.cast(mask, "float64") / (1 - p), "jax": lambda x: x * mask / (1 - p)},
    )
    return {
        "keras": (distance(keras.random.dropout(tf.constant(x), p, seed=0), drawn), mapped["keras"][1]),
        "jax": (distance(x * as_numpy(in_jax) / (1 - p), drawn), mapped["jax"][1]),
    }


@difference(
    "Dropout of everything",
    cause="The layers know p = 1; in x · mask / (1 − p) it is 0 / 0.",
    mapping="Zeros where p is 1.",
    facts={"torch": "0 0", "keras": "0 0", "numpy by hand": "nan nan"},
)
def dropout_of_everything() -> Measured:
    """Writes the formula by hand."""
    x = np.array([1.0, -2.0])
    with np.errstate(invalid="ignore"):
        by_hand = x * 0 / (1 - 1.0)
    layer = keras.layers.Dropout(1.0, dtype="float64")
    return {
        "torch": text(functional.dropout(torch.tensor(x), 1.0)),
        "keras": text(layer(x, training=True)),
        "numpy by hand": text(by_hand),
    }
