"""Optimizers on one weight matrix with given gradients: where their updates lead."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import jax
import keras
import numpy as np
import optax
import torch
from differences import Measured, as_numpy, random
from measure import pairs

W = random(4, 3)
GRADIENTS = random(5, 4, 3)  # of five steps
SMALL = 1e-6 * GRADIENTS  # beside these an ε counts

Maker = Callable[..., Any]


@contextmanager
def float64_in_keras() -> Iterator[None]:
    """Within it Keras makes float64 variables: an optimizer keeps its learning rate in one."""
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        yield
    finally:
        keras.config.set_floatx(before)


@contextmanager
def float64_in_torch() -> Iterator[None]:
    """Within it torch makes float64 numbers where nobody asks for another dtype."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def in_torch(make: Maker, gradients: np.ndarray, rates: Sequence[float] | None) -> list[np.ndarray]:
    """Return w − W after the first and after the last step of the optimizer that `make` makes of [w]."""
    w = torch.tensor(W, requires_grad=True)
    optimizer = make([w])
    weights = []
    for step, g in enumerate(gradients):
        if rates is not None:
            optimizer.param_groups[0]["lr"] = rates[step]
        w.grad = torch.tensor(g)
        optimizer.step()
        weights.append(as_numpy(w).copy())
    return [weights[0] - W, weights[-1] - W]


def in_keras(make: Maker, gradients: np.ndarray, rates: Sequence[float] | None) -> list[np.ndarray]:
    """Return w − W after the first and after the last step of the optimizer that `make` makes."""
    with float64_in_keras():
        w, optimizer = keras.Variable(W), make()
        weights = []
        for step, g in enumerate(gradients):
            if rates is not None:
                optimizer.learning_rate = rates[step]
            optimizer.apply([keras.ops.convert_to_tensor(g)], [w])
            weights.append(w.numpy().copy())
    return [weights[0] - W, weights[-1] - W]


def in_optax(make: Maker, gradients: np.ndarray, rates: Sequence[float] | None) -> list[np.ndarray]:
    """Return w − W after the first and after the last step of the transformation that `make` makes.

    With `rates` it is made of them, as a schedule: a function of the number of updates done.
    """
    with jax.enable_x64(True):
        optimizer = make() if rates is None else make(lambda count: jax.numpy.asarray(rates)[count])
        w = jax.numpy.asarray(W)
        state, update = optimizer.init(w), jax.jit(optimizer.update)
        weights = []
        for g in gradients:
            updates, state = update(g, state, w)
            w = optax.apply_updates(w, updates)
            weights.append(as_numpy(w))
    return [weights[0] - W, weights[-1] - W]


RUN = {"torch": in_torch, "optax": in_optax, "keras": in_keras}


def compare_updates(
    reference: tuple[str, Maker],
    others: Mapping[str, Maker | tuple[Maker, Maker]],
    gradients: np.ndarray = GRADIENTS,
    rates: Sequence[float] | None = None,
) -> Measured:
    """Return for each of `others` how far its updates are from the reference: (as copied, mapped)."""
    return pairs(lambda who, make: updates(who, make, gradients, rates), reference, others)


def updates(
    who: str, make: Maker, gradients: np.ndarray, rates: Sequence[float] | None = None
) -> list[np.ndarray]:
    """Return w − W after the first and after the last step; who computes is the first word."""
    return RUN[who.split()[0]](make, gradients, rates)
