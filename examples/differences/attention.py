"""Attention."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch
from differences import Measured, difference, distance, random
from frameworks import call, in_jax, in_keras, in_torch
from measure import compare
from torch.nn import functional

WIDTH, HEADS, SIZE, STEPS = 6, 2, 3, 4
ARRAYS = [  # an input, and the arrays of torch's layer: q, k and v in one weight and one bias, then the output's
    random(2, STEPS, WIDTH),
    random(3 * WIDTH, WIDTH),
    random(3 * WIDTH),
    random(WIDTH, WIDTH),
    random(WIDTH, seed=2),
]


def torch_attention(mask: Any = None, need_weights: bool = False) -> Any:
    """Torch's layer as a function of its input and its four arrays."""
    module = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, dtype=torch.float64)
    names = [name for name, _ in module.named_parameters()]

    def layer(x: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        options = {"attn_mask": mask, "need_weights": need_weights}
        return torch.func.functional_call(module, dict(zip(names, weights, strict=True)), (x, x, x), options)[0]

    return layer


def keras_attention(exact_scale: bool = True, per_head: bool = False, **options: Any) -> Any:
    """Keras' layer as a function of its input and torch's four arrays."""
    layer = keras.layers.MultiHeadAttention(HEADS, SIZE, dtype="float64")
    layer.build((2, STEPS, WIDTH), (2, STEPS, WIDTH))
    if exact_scale:
        layer._inverse_sqrt_key_dim = np.float64(1 / np.sqrt(SIZE))
    shape, axis = ((HEADS, 3, SIZE), 1) if per_head else ((3, HEADS, SIZE), 0)

    def attention(x: Any, W: Any, b: Any, V: Any, c: Any) -> Any:
        kernels = keras.ops.unstack(keras.ops.reshape(keras.ops.transpose(W), (WIDTH, *shape)), axis=axis + 1)
        biases = keras.ops.unstack(keras.ops.reshape(b, shape), axis=axis)
        q, k, v = zip(kernels, biases, strict=True)
        out = keras.ops.reshape(keras.ops.transpose(V), (HEADS, SIZE, WIDTH))
        return call(layer, [*q, *k, *v, out, c], x, value=x, **options)

    return attention


def with_projections(attend: Any) -> Any:
    """A function of q, k and v, each (batch, steps, heads, size), as one of an input and torch's four arrays."""

    def attention(x: Any, W: Any, b: Any, V: Any, c: Any) -> Any:
        qkv = (x @ W.T + b).reshape(2, STEPS, 3, HEADS, SIZE)
        return attend(*(qkv[:, :, i] for i in range(3))).reshape(2, STEPS, WIDTH) @ V.T + c

    return attention


@difference(
    "Query, key and value in one weight",
    cause="torch's in_proj_weight holds the rows of q, then k, then v, each head after head. Keras has a kernel "
    "(inputs, heads, size) for each.",
    mapping="in_proj_weight.T.reshape(inputs, 3, heads, size); key_dim is the size of one head; the output's "
    "kernel is weight.T.reshape(heads, size, outputs).",
    naive={"keras": 1.6},
)
def query_key_and_value_in_one_weight() -> Measured:
    """Reads the rows as head after head, each with its q, k and v, as some models store them. It fits."""
    return compare(
        ARRAYS, ("torch", torch_attention()), {"keras": (keras_attention(per_head=True), keras_attention())}
    )


@difference(
    "Attention scale in float64",
    cause="Keras keeps 1/√size as a Python number, and tf.cast rounds a Python number to float32 on its way to "
    "float64.",
    mapping="layer._inverse_sqrt_key_dim = np.float64(1 / np.sqrt(size)) once the layer is built.",
    naive={"keras": 1.5e-8},
)
def attention_scale_in_float64() -> Measured:
    """Says dtype="float64" and nothing more."""
    return compare(
        ARRAYS, ("torch", torch_attention()), {"keras": (keras_attention(exact_scale=False), keras_attention())}
    )


@difference(
    "Meaning of an attention mask",
    cause="True forbids in torch.nn.MultiheadAttention, and allows in Keras and in torch's own "
    "scaled_dot_product_attention.",
    mapping="Turn the mask over: ~mask.",
    naive={"keras": 1.9, "torch scaled_dot_product_attention": 1.9},
)
def meaning_of_an_attention_mask() -> Measured:
    """Passes the mask on as it is. Every query is allowed two of the four keys, so that nothing fails."""
    forbidden = np.indices((STEPS, STEPS)).sum(axis=0) % 2 == 1

    def by_hand(mask: np.ndarray) -> Any:
        def attend(q: Any, k: Any, v: Any) -> Any:
            q, k, v = (a.transpose(1, 2) for a in (q, k, v))
            return functional.scaled_dot_product_attention(q, k, v, torch.tensor(mask)).transpose(1, 2)

        return with_projections(attend)

    return compare(
        ARRAYS,
        ("torch", torch_attention(torch.tensor(forbidden))),
        {
            "keras": (
                keras_attention(attention_mask=forbidden[None]),
                keras_attention(attention_mask=~forbidden[None]),
            ),
            "torch scaled_dot_product_attention": (by_hand(forbidden), by_hand(~forbidden)),
        },
    )


@difference(
    "Causal attention",
    cause="A triangle, whichever way it is said: True above the diagonal in torch, use_causal_mask in Keras.",
    mapping="None is needed. Returning the scores takes Keras another way through its code, to the same result.",
    naive={"keras use_causal_mask": 0, "keras return_attention_scores": 0},
)
def causal_attention() -> Measured:
    """Says that attention is causal in the framework's own way."""
    with_scores = keras_attention(use_causal_mask=True, return_attention_scores=True)
    return compare(
        ARRAYS,
        ("torch", torch_attention(torch.ones(STEPS, STEPS, dtype=torch.bool).triu(1))),
        {
            "keras use_causal_mask": keras_attention(use_causal_mask=True),
            "keras return_attention_scores": lambda *arrays: with_scores(*arrays)[0],
        },
    )


@difference(
    "JAX attention in float64",
    cause="jax.nn.dot_product_attention takes the softmax in float32, whatever comes in.",
    mapping="The softmax written out with jax.nn.softmax.",
    naive={"jax": 4.7e-7},
)
def jax_attention_in_float64() -> Measured:
    """Enables x64, passes float64 and gets float64 back."""

    def attend(q: Any, k: Any, v: Any) -> Any:
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(SIZE)
        return jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), v)

    return compare(
        ARRAYS,
        ("torch", torch_attention()),
        {"jax": (with_projections(jax.nn.dot_product_attention), with_projections(attend))},
    )


@difference(
    "Attention with every key forbidden",
    cause="The softmax of nothing but −∞ is 0 / 0. torch's fused attention makes it 0, its other path leaves NaN; "
    "Keras and JAX put one large negative number for −∞, the same for all keys: the query looks at all alike.",
    mapping="Forbid no query every key: let a padded query look at itself, and leave its output out of the loss.",
    facts={
        "torch": "zeros",
        "torch need_weights=True": "NaN",
        "keras": "average of all",
        "jax": "average of all",
    },
)
def attention_with_every_key_forbidden() -> Measured:
    """Masks padding on both sides. Here what reaches the output's weight for the query without a key."""
    forbidden = np.zeros((STEPS, STEPS), bool)
    forbidden[0] = True
    identity = [*ARRAYS[:3], np.eye(WIDTH), np.zeros(WIDTH)]
    _, _, v = np.split(ARRAYS[0] @ ARRAYS[1].T + ARRAYS[2], 3, axis=-1)

    def attend(q: Any, k: Any, v: Any) -> Any:
        return jax.nn.dot_product_attention(q, k, v, mask=~forbidden[None, None])

    def kind(outputs: list[np.ndarray]) -> str:
        row = outputs[0][:, 0]
        if np.isnan(row).all():
            return "NaN"
        return "average of all" if distance(row, v.mean(axis=1)) < 1e-6 else "zeros" if not row.any() else "other"

    mask = torch.tensor(forbidden)
    return {
        "torch": kind(in_torch(torch_attention(mask), *identity)),
        "torch need_weights=True": kind(in_torch(torch_attention(mask, need_weights=True), *identity)),
        "keras": kind(in_keras(keras_attention(attention_mask=~forbidden[None]), *identity)),
        "jax": kind(in_jax(with_projections(attend), *identity)),
    }
