"""What Keras cannot tell any of its optimizers, as bases of the hand-built ones."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class Conventions:
    """L2 decay, decay and rate by groups, a norm clip with epsilon; before a native optimizer among the bases.

    `l2`, `decays` (decoupled) and `rates` (factors on η) hold a number for each variable, in the order of `build`;
    empty, they do nothing. `average_initial` lets the moving average of the weights start before the first update.
    """

    def __init__(
        self,
        *,
        l2: Sequence[float] = (),
        decays: Sequence[float] = (),
        rates: Sequence[float] = (),
        clip_limit: float = 0.0,
        clip_scope: str = "global",
        clip_epsilon: float = 0.0,
        average_initial: bool = False,
        **native: Any,
    ) -> None:
        super().__init__(**native)
        self.l2 = tuple(l2)
        self.decays = tuple(decays)
        self.rates = tuple(rates)
        self.clip_limit = clip_limit
        self.clip_scope = clip_scope
        self.clip_epsilon = clip_epsilon
        self.average_initial = average_initial

    def _clip_gradients(self, grads: Sequence[Any]) -> Sequence[Any]:
        """Clip by g ← g · min(1, limit / (‖g‖ + ε)); Keras asks for it once gradients are accumulated."""
        if not self.clip_limit:
            return super()._clip_gradients(grads)  # type: ignore[misc]
        squares = [tf.reduce_sum(g * g) for g in grads]
        if self.clip_scope == "global":
            squares = [tf.add_n(squares)] * len(squares)
        return [g * self._factor(tf.sqrt(s)) for g, s in zip(grads, squares, strict=True)]

    def _factor(self, norm: Any) -> Any:
        return self.clip_limit / tf.maximum(norm + self.clip_epsilon, self.clip_limit)

    def _apply_weight_decay(self, variables: Sequence[Any]) -> None:
        """Take η · decay · w off each weight: Keras has one decay for all weights that decay at all."""
        if not self.decays:
            super()._apply_weight_decay(variables)  # type: ignore[misc]
            return
        for w in variables:
            rate = self._rate(w, self.learning_rate)  # type: ignore[attr-defined]
            w.assign(w - rate * self.decays[self._index(w)] * w)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Add l2 · w to the gradient, which is clipped by now, and update."""
        if self.l2:
            gradient = gradient + self.l2[self._index(variable)] * variable
        self.rule(gradient, variable, self._rate(variable, learning_rate))

    def _rate(self, w: Any, rate: Any) -> Any:
        rate = keras.ops.cast(rate, w.dtype)
        return rate * self.rates[self._index(w)] if self.rates else rate

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its slots: natively, unless a subclass knows better."""
        super().update_step(g, w, rate)  # type: ignore[misc]

    def _update_model_variables_moving_average(self, trainable_variables: Sequence[Any]) -> None:
        """Move the averages after updates only: Keras does so after idle steps of an accumulation, too."""
        if not self.use_ema:  # type: ignore[attr-defined]
            return
        k = self.gradient_accumulation_steps or 1  # type: ignore[attr-defined]
        step = self._iterations.value  # type: ignore[attr-defined]
        averages = self._model_variables_moving_average  # type: ignore[attr-defined]
        for w, average in zip(trainable_variables, averages, strict=True):
            decay = tf.constant(self.ema_momentum, w.dtype)  # type: ignore[attr-defined]
            if not self.average_initial:
                decay = tf.where(step < k, tf.zeros_like(decay), decay)
            decay = tf.where((step + 1) % k == 0, decay, tf.ones_like(decay))
            average.assign(decay * average + (1.0 - decay) * w)

    def _index(self, w: Any) -> int:
        return self._get_variable_index(w)  # type: ignore[attr-defined]

    def slot(self, slots: Sequence[Any], w: Any) -> Any:
        """Return the slot of one weight, a `tf.Variable`."""
        return slots[self._index(w)].value

    def updates(self) -> Any:
        """Return t, the count of updates with this one, in float64: 1 − βᵗ cancels."""
        return tf.cast(self.iterations + 1, tf.float64)  # type: ignore[attr-defined]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        own = ("l2", "decays", "rates", "clip_limit", "clip_scope", "clip_epsilon", "average_initial")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}  # type: ignore[misc]


class Outside(Conventions):
    """An optimizer whose ε can stand outside the root."""

    def __init__(self, *, epsilon_outside: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self.epsilon_outside = epsilon_outside

    def root(self, s: Any) -> Any:
        """Return √s + ε or √(s + ε)."""
        epsilon = self.epsilon  # type: ignore[attr-defined]
        return tf.sqrt(s) + epsilon if self.epsilon_outside else tf.sqrt(s + epsilon)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "epsilon_outside": self.epsilon_outside}
