"""Optimizers: the native ones of Keras, and one subclass each for the conventions that Keras lacks.

Keras clips, decays decoupled, then updates, as the spec does. What it cannot be told is hand-built below:

    ===============================================  ==================================================
    L2 decay (through the moments), clip epsilon     `Conventions`, before any native optimizer
    velocity of gradients; a velocity at μ = 0       `Momentum`
    ε outside the root                               `Adagrad`, `RMSprop`
    ε beside the corrected √v̂; β below ½             `Adam`
    ===============================================  ==================================================

Each subclass keeps the slots of its native base: the same arrays, in the same attributes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf


class Conventions:
    """L2 decay and a norm clip with epsilon; comes before a native optimizer among the bases."""

    def __init__(
        self,
        *,
        l2: float = 0.0,
        clip_limit: float = 0.0,
        clip_scope: str = "global",
        clip_epsilon: float = 0.0,
        **native: Any,
    ) -> None:
        super().__init__(**native)
        self.l2 = l2
        self.clip_limit = clip_limit
        self.clip_scope = clip_scope
        self.clip_epsilon = clip_epsilon

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> None:
        """Clip by g ← g · min(1, limit / (‖g‖ + ε)), then go on as Keras does."""
        if self.clip_limit:
            squares = [tf.reduce_sum(g * g) for g in grads]
            if self.clip_scope == "global":
                squares = [tf.add_n(squares)] * len(squares)
            grads = [g * self._factor(tf.sqrt(s)) for g, s in zip(grads, squares, strict=True)]
        super().apply(grads, trainable_variables)  # type: ignore[misc]

    def _factor(self, norm: Any) -> Any:
        return self.clip_limit / tf.maximum(norm + self.clip_epsilon, self.clip_limit)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Add l2 · w to the gradient, which is clipped by now, and update."""
        if self.l2:
            gradient = gradient + self.l2 * variable
        self.rule(gradient, variable, keras.ops.cast(learning_rate, variable.dtype))

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its slots: natively, unless a subclass knows better."""
        super().update_step(g, w, rate)  # type: ignore[misc]

    def slot(self, slots: Sequence[Any], w: Any) -> Any:
        """Return the slot of one weight, a `tf.Variable`."""
        return slots[self._get_variable_index(w)].value  # type: ignore[attr-defined]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        own = ("l2", "clip_limit", "clip_scope", "clip_epsilon")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}  # type: ignore[misc]


class SGD(Conventions, keras.optimizers.SGD):  # type: ignore[misc]
    """Δ = −ηg."""


class Momentum(Conventions, keras.optimizers.SGD):  # type: ignore[misc]
    """With `velocity="gradients"` v ← μv + g; Δ = −ηv, or −η(g + μv) with `nesterov`.

    With `velocity="updates"` v ← μv − ηg; Δ = v, or μv − ηg: Keras' own convention, wanted here together with
    L2 decay, a clip epsilon, or μ = 0, for which Keras keeps no velocity.
    """

    momentums: Any  # the native base's

    def __init__(self, *, velocity: str = "updates", **others: Any) -> None:
        super().__init__(**others)
        self.velocity = velocity

    def build(self, variables: Sequence[Any]) -> None:
        """Make the velocities, also for μ = 0."""
        if not self.built:
            super().build(variables)
            if not self.momentums:
                self.momentums = self.add_optimizer_variables(variables, "momentum")

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its velocity."""
        v = self.slot(self.momentums, w)
        if self.velocity == "gradients":
            v.assign(self.momentum * v + g)
            w.assign_sub(rate * (g + self.momentum * v if self.nesterov else v))
        else:
            v.assign(self.momentum * v - rate * g)
            w.assign_add(self.momentum * v - rate * g if self.nesterov else v)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "velocity": self.velocity}


class Outside(Conventions):
    """An optimizer whose ε can stand outside the root."""

    def __init__(self, *, epsilon_outside: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self.epsilon_outside = epsilon_outside

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "epsilon_outside": self.epsilon_outside}


class Adagrad(Outside, keras.optimizers.Adagrad):  # type: ignore[misc]
    """s ← s + g²; Δ = −ηg / (√s + ε) with `epsilon_outside`, else natively −ηg / √(s + ε)."""

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its accumulator."""
        if not self.epsilon_outside:
            super().rule(g, w, rate)
            return
        s = self.slot(self._accumulators, w)
        s.assign_add(g * g)
        w.assign_sub(rate * g / (tf.sqrt(s) + self.epsilon))


class RMSprop(Outside, keras.optimizers.RMSprop):  # type: ignore[misc]
    """s ← ρs + (1 − ρ)g²; Δ = −ηg / (√s + ε) with `epsilon_outside`, else natively −ηg / √(s + ε)."""

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its mean square."""
        if not self.epsilon_outside:
            super().rule(g, w, rate)
            return
        s = self.slot(self._velocities, w)
        s.assign(self.rho * s + (1.0 - self.rho) * g * g)
        w.assign_sub(rate * g / (tf.sqrt(s) + self.epsilon))


class Adam(Conventions, keras.optimizers.Adam):  # type: ignore[misc]
    """Δ = −η m̂ / (√v̂ + ε) with `corrected`, else −η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).

    The latter is Keras' own, but Keras moves m by (1 − β₁)(g − m), and v likewise: for a small β a large old
    moment leaves its rounding error behind. Here m ← β₁m + (1 − β₁)g.
    """

    def __init__(self, *, corrected: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self.corrected = corrected

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its moments; 1 − βᵗ is taken in float64, for it cancels."""
        m, v = self.slot(self._momentums, w), self.slot(self._velocities, w)
        m.assign(self.beta_1 * m + (1.0 - self.beta_1) * g)
        v.assign(self.beta_2 * v + (1.0 - self.beta_2) * g * g)
        t = tf.cast(self.iterations.value + 1, tf.float64)
        correction1, correction2 = (
            tf.cast(1.0 - tf.constant(beta, tf.float64) ** t, w.dtype) for beta in (self.beta_1, self.beta_2)
        )
        if self.corrected:
            w.assign_sub(rate * (m / correction1) / (tf.sqrt(v / correction2) + self.epsilon))
        else:
            w.assign_sub(rate * (tf.sqrt(correction2) / correction1) * m / (tf.sqrt(v) + self.epsilon))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "corrected": self.corrected}


Number = Callable[[float], float]


@dataclass(frozen=True)
class OptimizerRow:
    """How an optimizer is built, and which attribute holds each canonical slot."""

    native: type[Any]
    hand_built: type[Any]
    slots: Mapping[str, str] = field(default_factory=dict)
    arguments: Callable[[Any, Number], dict[str, Any]] = lambda spec, number: {}
    """The native constructor's arguments, from the spec's optimizer."""
    lacking: Callable[[Any], dict[str, Any]] = lambda spec: {}
    """What the native one cannot be told: the hand-built one's further arguments, empty where native is exact."""


def build(row: OptimizerRow, spec: Any, dtype: str) -> Any:
    """Return the Keras optimizer that does what the spec's optimizer says; its learning rate is of `floatx`."""
    # tf.cast takes Python floats through float32, which is wrong in float64; in float32 they compute 1 − β best.
    number: Number = np.float64 if dtype == "float64" else float
    arguments = {"name": spec.type, "learning_rate": spec.rate(0)}
    lacking = row.lacking(spec)
    if spec.weight_decay and spec.decay == "decoupled":
        arguments["weight_decay"] = number(spec.weight_decay)
    elif spec.weight_decay:
        lacking["l2"] = number(spec.weight_decay)
    if spec.clip and spec.clip.type == "value":
        arguments["clipvalue"] = number(spec.clip.limit)
    elif spec.clip and spec.clip.epsilon:
        lacking |= {f"clip_{name}": getattr(spec.clip, name) for name in ("limit", "scope", "epsilon")}
    elif spec.clip:
        arguments["clipnorm" if spec.clip.scope == "tensor" else "global_clipnorm"] = number(spec.clip.limit)
    arguments |= row.arguments(spec, number)
    return row.hand_built(**arguments, **lacking) if lacking else row.native(**arguments)


def _adam(spec: Any, number: Number) -> dict[str, Any]:
    return {"beta_1": number(spec.beta1), "beta_2": number(spec.beta2), "epsilon": number(spec.epsilon)}


def _corrected(spec: Any) -> dict[str, Any]:
    corrected = spec.epsilon_placement == "corrected"
    return {"corrected": corrected} if corrected or min(spec.beta1, spec.beta2) < 0.5 else {}


def _outside(spec: Any) -> dict[str, Any]:
    return {"epsilon_outside": True} if spec.epsilon_placement == "outside" else {}


ROWS: dict[str, OptimizerRow] = {
    "sgd": OptimizerRow(keras.optimizers.SGD, SGD),
    "momentum": OptimizerRow(
        keras.optimizers.SGD,
        Momentum,
        {"velocity": "momentums"},
        lambda spec, number: {"momentum": number(spec.momentum), "nesterov": spec.nesterov},
        lambda spec: {} if spec.velocity == "updates" and spec.momentum else {"velocity": spec.velocity},
    ),
    "adagrad": OptimizerRow(
        keras.optimizers.Adagrad,
        Adagrad,
        {"accumulator": "_accumulators"},
        lambda spec, number: {
            "initial_accumulator_value": number(spec.initial_accumulator),
            "epsilon": number(spec.epsilon),
        },
        _outside,
    ),
    "rmsprop": OptimizerRow(
        keras.optimizers.RMSprop,
        RMSprop,
        {"mean_square": "_velocities"},
        lambda spec, number: {"rho": number(spec.rho), "epsilon": number(spec.epsilon)},
        _outside,
    ),
    "adam": OptimizerRow(
        keras.optimizers.Adam,
        Adam,
        {"first_moment": "_momentums", "second_moment": "_velocities"},
        _adam,
        _corrected,
    ),
    "adamw": OptimizerRow(
        keras.optimizers.AdamW,
        Adam,
        {"first_moment": "_momentums", "second_moment": "_velocities"},
        # Keras' AdamW insists on a weight decay, be it 0.
        lambda spec, number: _adam(spec, number) | {"weight_decay": number(spec.weight_decay)},
        _corrected,
    ),
}
"""Optimizer type → its row."""
