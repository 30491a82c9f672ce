"""Learning rates that change: what the memory of a step remembers of the rate, and the schedules themselves."""

from functools import partial

import jax
import keras
import numpy as np
import optax
import torch
from differences import Measured, difference, distance, random
from keras import optimizers
from keras.optimizers import schedules
from torch import optim
from torch.optim import lr_scheduler
from updates import compare_updates, float64_in_keras

DROP = [0.1, 0.1, 0.1, 0.01, 0.01]  # the rates of five steps
MOMENTUM = np.float64(0.9)


@difference(
    "Momentum under a changing rate",
    cause="The velocity of torch and optax is a sum of gradients; Keras' holds each times the rate of its own "
    "step.",
    mapping="A subclass of Keras' SGD, or multiply its momentums by new rate / old rate at every change.",
    naive={"keras": 0.66, "keras nesterov": 0.44, "optax": 0.0, "optax nesterov": 0.0},
)
def momentum_under_a_changing_rate() -> Measured:
    """Drops the rate from 0.1 to 0.01 at step 4."""

    class OfGradients(optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            v = self.momentums[self._get_variable_index(variable)]
            v.assign(MOMENTUM * v + gradient)
            variable.assign(variable - learning_rate * (gradient + MOMENTUM * v if self.nesterov else v))

    measured = {}
    for name, nesterov in {"": False, " nesterov": True}.items():
        options = {"momentum": MOMENTUM, "nesterov": nesterov}
        measured |= compare_updates(
            ("torch", partial(optim.SGD, lr=0.1, **options)),
            {
                f"keras{name}": (partial(optimizers.SGD, 0.1, **options), partial(OfGradients, 0.1, **options)),
                f"optax{name}": partial(optax.sgd, **options),
            },
            rates=DROP,
        )
    return measured


@difference(
    "Momentum of RMSprop under a changing rate",
    cause="torch's momentum excludes the rate; that of Keras and of optax.rmsprop includes it.",
    mapping="In optax a chain that scales by the rate last; in Keras a subclass.",
    naive={"optax": 0.64, "keras": 0.64},
)
def momentum_of_rmsprop() -> Measured:
    """Drops the rate from 0.1 to 0.01 at step 4. ε does not count here."""

    class OfGradients(optimizers.RMSprop):
        def update_step(self, gradient, variable, learning_rate):
            index = self._get_variable_index(variable)
            v, momentum = self._velocities[index], self._momentums[index]
            v.assign(0.9 * v + (1 - 0.9) * gradient**2)
            momentum.assign(MOMENTUM * momentum + gradient / keras.ops.sqrt(v))
            variable.assign(variable - learning_rate * momentum)

    def rate_last(rates):
        return optax.chain(
            optax.scale_by_rms(0.9, eps=0.0), optax.trace(MOMENTUM), optax.scale_by_learning_rate(rates)
        )

    options = {"momentum": MOMENTUM, "epsilon": 1e-300}
    return compare_updates(
        ("torch", partial(optim.RMSprop, lr=0.1, alpha=0.9, eps=0.0, momentum=0.9)),
        {
            "optax": (partial(optax.rmsprop, decay=0.9, eps=0.0, momentum=0.9), rate_last),
            "keras": (
                partial(optimizers.RMSprop, 0.1, rho=np.float64(0.9), **options),
                partial(OfGradients, 0.1, **options),
            ),
        },
        rates=DROP,
    )


@difference(
    "Adam under a changing rate",
    cause="The moments hold no rate in any of them.",
    mapping="None is needed but for ε and β (see Adam's epsilon and Adam's betas).",
    naive={"optax": 0.0, "keras": 0.0},
)
def adam_under_a_changing_rate() -> Measured:
    """Drops the rate from 0.1 to 0.01 at step 4. ε does not count here."""
    betas = {"beta_1": np.float64(0.9), "beta_2": np.float64(0.999)}
    return compare_updates(
        ("torch", partial(optim.Adam, lr=0.1, eps=1e-300)),
        {
            "optax": partial(optax.adam, eps=1e-300),
            "keras": partial(optimizers.Adam, 0.1, epsilon=1e-300, **betas),
        },
        rates=DROP,
    )


def rates_of_torch(make, steps):
    """Return the rates of a scheduler, that starts at 0.1."""
    optimizer = optim.SGD([torch.zeros(1)], lr=0.1)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(rates)


def rates_of_optax(schedule, steps):
    """Return the first rates of a schedule."""
    with jax.enable_x64(True):
        return np.array([schedule(np.int32(t)) for t in range(steps)])


def rates_of_keras(make, steps):
    """Return the first rates of a schedule that is made, and called, in float64."""
    with float64_in_keras():
        schedule = make()
        return np.array([keras.ops.convert_to_numpy(schedule(t)) for t in range(steps)])


@difference(
    "Cosine schedule beyond its end",
    cause="CosineAnnealingLR rises again after T_max, the schedules of optax and Keras stay at their end.",
    mapping="Stop at T_max; or compute the rates once in NumPy and set them.",
    naive={"optax": 0.21, "keras": 0.21},
    left={"keras": 7e-8},
)
def cosine_beyond_its_end() -> Measured:
    """Takes 14 rates of a schedule of 10 steps; with the mapping the first 11. Keras' are float32."""
    in_torch = rates_of_torch(partial(lr_scheduler.CosineAnnealingLR, T_max=10), 14)
    in_optax = rates_of_optax(optax.cosine_decay_schedule(0.1, 10), 14)
    in_keras = rates_of_keras(partial(schedules.CosineDecay, 0.1, 10), 14)
    return {
        "optax": (distance(in_optax, in_torch), distance(in_optax[:11], in_torch[:11])),
        "keras": (distance(in_keras, in_torch), distance(in_keras[:11], in_torch[:11])),
    }


@difference(
    "Exponential schedule in float64",
    cause="Keras casts the constants of a schedule through float32.",
    mapping="Compute the rates once in NumPy and set them.",
    naive={"optax": 0.0, "keras": 1e-7},
)
def exponential_schedule() -> Measured:
    """Multiplies the rate by 0.9 at every step."""
    in_torch = rates_of_torch(partial(lr_scheduler.ExponentialLR, gamma=0.9), 12)
    in_optax = rates_of_optax(optax.exponential_decay(0.1, 1, 0.9), 12)
    in_keras = rates_of_keras(partial(schedules.ExponentialDecay, 0.1, 1, 0.9), 12)
    by_hand = 0.1 * 0.9 ** np.arange(12)
    return {
        "optax": (distance(in_optax, in_torch), distance(in_optax, in_torch)),
        "keras": (distance(in_keras, in_torch), distance(by_hand, in_torch)),
    }


@difference(
    "Staircase schedule in float64",
    cause="Keras casts the constants of a schedule through float32.",
    mapping="Compute the rates once in NumPy and set them.",
    naive={"optax": 0.0, "keras": 1.5e-8},
)
def staircase_schedule() -> Measured:
    """Halves the rate after every 4 steps."""
    in_torch = rates_of_torch(partial(lr_scheduler.StepLR, step_size=4, gamma=0.5), 12)
    in_optax = rates_of_optax(optax.exponential_decay(0.1, 4, 0.5, staircase=True), 12)
    in_keras = rates_of_keras(partial(schedules.ExponentialDecay, 0.1, 4, 0.5, staircase=True), 12)
    by_hand = 0.1 * 0.5 ** (np.arange(12) // 4)
    return {
        "optax": (distance(in_optax, in_torch), distance(in_optax, in_torch)),
        "keras": (distance(in_keras, in_torch), distance(by_hand, in_torch)),
    }


@difference(
    "Order of observations in model.fit",
    cause="fit shuffles unless told; a loop of one's own does not.",
    mapping="shuffle=False.",
    facts={"keras": "other weights", "keras shuffle=False": "the same weights"},
)
def order_in_fit() -> Measured:
    """Takes 20 observations one by one, by fit and by hand."""
    x, y = random(20, 1), random(20, 1, seed=2)
    w, b = np.ones((1, 1)), np.zeros(1)
    for one, target in zip(x, y, strict=True):
        delta = 2 * (one @ w + b - target)
        w, b = w - 0.1 * np.outer(one, delta), b - 0.1 * delta

    def fitted(**options):
        with float64_in_keras():
            model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])
            model.compile(optimizers.SGD(0.1), "mse")
            model.fit(x, y, batch_size=1, verbose=0, **options)
        return "the same weights" if distance(model.get_weights(), [w, b]) < 1e-6 else "other weights"

    return {"keras": fitted(), "keras shuffle=False": fitted(shuffle=False)}
