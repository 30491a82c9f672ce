"""Weight decay and clipping: what joins the gradient and what the update, one norm or many, and what NaN does."""

from functools import partial

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import tensorflow as tf
import torch
from differences import Measured, as_numpy, difference, distance, random
from keras import optimizers
from measure import compare, text
from torch import optim
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from updates import compare_updates

DECAY = np.float64(0.1)
GRADIENTS = [random(4, 3), random(3)]
NORM = np.sqrt(sum((g**2).sum() for g in GRADIENTS))


@difference(
    "Weight decay of SGD with momentum",
    cause="torch's weight_decay adds decay * w to the gradient, and so to the velocity; Keras' is decoupled in "
    "every optimizer: it takes rate * decay * w off the weight.",
    mapping="A subclass of Keras' optimizer, or the penalty in the loss; optax.add_decayed_weights before the "
    "link.",
    naive={"keras": 0.16, "optax": 0.16},
)
def decay_of_momentum() -> Measured:
    """Passes weight_decay=0.1, and in optax adds the decay after the momentum."""

    class Coupled(optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient + DECAY * variable, variable, learning_rate)

    native = partial(optimizers.SGD, 0.1, momentum=np.float64(0.9))
    velocity, decay = optax.trace(0.9), optax.add_decayed_weights(DECAY)
    return compare_updates(
        ("torch", partial(optim.SGD, lr=0.1, momentum=0.9, weight_decay=DECAY)),
        {
            "keras": (partial(native, weight_decay=DECAY), partial(Coupled, 0.1, momentum=np.float64(0.9))),
            "optax": (
                partial(optax.chain, velocity, decay, optax.scale(-0.1)),
                partial(optax.chain, decay, velocity, optax.scale(-0.1)),
            ),
        },
    )


@difference(
    "Weight decay of Adam",
    cause="As for momentum: in torch's Adam it runs through both moments, in Keras' it is that of AdamW.",
    mapping="A subclass of Keras' optimizer, or the penalty in the loss; optax.add_decayed_weights before the "
    "link.",
    naive={"keras": 0.19, "optax": 0.19},
)
def decay_of_adam() -> Measured:
    """Passes weight_decay=0.1 to Adam, and takes adamw in optax. ε does not count here."""

    class Coupled(optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient + DECAY * variable, variable, learning_rate)

    same = {"beta_1": np.float64(0.9), "beta_2": np.float64(0.999), "epsilon": 1e-300}
    adam = optax.adam(0.1, eps=1e-300)
    return compare_updates(
        ("torch", partial(optim.Adam, lr=0.1, weight_decay=DECAY, eps=1e-300)),
        {
            "keras": (partial(optimizers.Adam, 0.1, weight_decay=DECAY, **same), partial(Coupled, 0.1, **same)),
            "optax": (
                partial(optax.adamw, 0.1, weight_decay=DECAY, eps=1e-300),
                partial(optax.chain, optax.add_decayed_weights(DECAY), adam),
            ),
        },
    )


@difference(
    "Weight decay of SGD without momentum",
    cause="Without a memory, what joins the gradient and what joins the update are the same.",
    mapping="None is needed.",
    naive={"keras": 0.0, "optax": 0.0},
)
def decay_of_gradient_descent() -> Measured:
    """Passes weight_decay=0.1."""
    return compare_updates(
        ("torch", partial(optim.SGD, lr=0.1, weight_decay=DECAY)),
        {
            "keras": partial(optimizers.SGD, 0.1, weight_decay=DECAY),
            "optax": partial(optax.chain, optax.add_decayed_weights(DECAY), optax.sgd(0.1)),
        },
    )


@difference(
    "Penalty of Keras",
    cause="regularizers.L2(c) is c * sum w², without torch's 1/2; and its coefficient is cast through float32, "
    "as is that of L1.",
    mapping="0.5 * decay * reduce_sum(w²) in the loss.",
    naive={"keras": 1.0, "keras half": 1.5e-8},
)
def penalty_of_keras() -> Measured:
    """Takes L2(decay) for a decay; and, as "keras half", L2(decay / 2)."""

    def by_hand(w):
        return 0.5 * DECAY * tf.reduce_sum(w**2)

    return compare(
        [random(4, 3)],
        ("torch", lambda w: 0.5 * DECAY * (w**2).sum()),
        {"keras": (keras.regularizers.L2(0.1), by_hand), "keras half": (keras.regularizers.L2(0.05), by_hand)},
    )


def clipped_by_torch(gradients, clip, limit):
    """Return the gradients after one of torch's functions has clipped them in place."""
    weights = [torch.tensor(np.zeros_like(g), requires_grad=True) for g in gradients]
    for w, g in zip(weights, gradients, strict=True):
        w.grad = torch.tensor(g)
    clip(weights, limit)
    return [as_numpy(w.grad) for w in weights]


def clipped_by_optax(gradients, clip):
    """Return the gradients after a link of optax has clipped them."""
    with jax.enable_x64(True):
        return [as_numpy(g) for g in clip.update([jnp.asarray(g) for g in gradients], clip.init(None))[0]]


def clipped_by_keras(gradients, **limit):
    """Return the gradients after a Keras optimizer has clipped them: what they take off 0 at rate 1."""
    optimizer = optimizers.SGD(1.0, **limit)
    weights = [keras.Variable(np.zeros_like(g), dtype="float64") for g in gradients]
    optimizer.apply([tf.constant(g) for g in gradients], weights)
    return [-w.numpy() for w in weights]


@difference(
    "Clipping by the global norm",
    cause="torch divides by norm + 1e-6; Keras' clipnorm is a limit for each variable, its global_clipnorm for "
    "all.",
    mapping="g * min(1, limit / norm) in torch, global_clipnorm in Keras.",
    reference="numpy",
    naive={"torch": 3.4e-7, "keras": 2.0, "optax": 0.0},
)
def clipping_by_the_global_norm() -> Measured:
    """Limits the norm to 1."""
    expected = [g / NORM for g in GRADIENTS]
    by_hand = [torch.tensor(g) * min(1.0, 1.0 / NORM) for g in GRADIENTS]
    in_keras = clipped_by_keras(GRADIENTS, clipnorm=1.0), clipped_by_keras(GRADIENTS, global_clipnorm=1.0)
    in_optax = distance(clipped_by_optax(GRADIENTS, optax.clip_by_global_norm(1.0)), expected)
    return {
        "torch": (
            distance(clipped_by_torch(GRADIENTS, clip_grad_norm_, 1.0), expected),
            distance(by_hand, expected),
        ),
        "keras": (distance(in_keras[0], expected), distance(in_keras[1], expected)),
        "optax": (in_optax, in_optax),
    }


@difference(
    "Clipping that does nothing",
    cause="All multiply by 1, or not at all, as long as the norm is below its limit and the entries below theirs.",
    mapping="None is needed.",
    reference="numpy",
    naive={f"{who} {kind}": 0.0 for who in ("torch", "keras", "optax") for kind in ("norm", "value")},
)
def clipping_that_does_nothing() -> Measured:
    """Limits to 100 what is far below."""
    found = {
        "torch norm": clipped_by_torch(GRADIENTS, clip_grad_norm_, 100.0),
        "torch value": clipped_by_torch(GRADIENTS, clip_grad_value_, 100.0),
        "keras norm": clipped_by_keras(GRADIENTS, global_clipnorm=100.0),
        "keras value": clipped_by_keras(GRADIENTS, clipvalue=100.0),
        "optax norm": clipped_by_optax(GRADIENTS, optax.clip_by_global_norm(100.0)),
        "optax value": clipped_by_optax(GRADIENTS, optax.clip(100.0)),
    }
    return {who: (distance(clipped, GRADIENTS),) * 2 for who, clipped in found.items()}


@difference(
    "Clipping by value",
    cause="The same formula.",
    mapping="clip_grad_value_ is optax.clip and clipvalue.",
    reference="numpy",
    naive={"torch": 0.0, "keras": 0.0, "optax": 0.0},
)
def clipping_by_value() -> Measured:
    """Limits every entry to [-0.3, 0.3]."""
    expected = [np.clip(g, -0.3, 0.3) for g in GRADIENTS]
    found = {
        "torch": clipped_by_torch(GRADIENTS, clip_grad_value_, 0.3),
        "keras": clipped_by_keras(GRADIENTS, clipvalue=0.3),
        "optax": clipped_by_optax(GRADIENTS, optax.clip(0.3)),
    }
    return {who: (distance(clipped, expected),) * 2 for who, clipped in found.items()}


def beside(bad):
    """Return what clipping by the global norm makes of [1, 1] when another gradient is `bad`."""
    gradients = [np.ones(2), np.full(1, bad)]
    return {
        "torch": text(clipped_by_torch(gradients, clip_grad_norm_, 1.0)[0]),
        "optax": text(clipped_by_optax(gradients, optax.clip_by_global_norm(1.0))[0]),
        "keras": text(clipped_by_keras(gradients, global_clipnorm=1.0)[0]),
    }


@difference(
    "Clipping beside NaN",
    cause="The norm is NaN, and all gradients are multiplied by it.",
    mapping="None is needed; look for NaN before clipping.",
    facts={"torch": "nan nan", "optax": "nan nan", "keras": "nan nan"},
)
def clipping_beside_nan() -> Measured:
    """Clips two gradients by their global norm: one is NaN. Here is what becomes of the other."""
    return beside(np.nan)


@difference(
    "Clipping beside infinity",
    cause="limit / ∞ is 0, so that torch and optax stop all other weights; Keras makes NaN of it on purpose.",
    mapping="Look for infinity before clipping.",
    facts={"torch": "0 0", "optax": "0 0", "keras": "nan nan"},
)
def clipping_beside_infinity() -> Measured:
    """Clips two gradients by their global norm: one is infinite. Here is what becomes of the other."""
    return beside(np.inf)
