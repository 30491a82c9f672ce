"""What Keras cannot tell any of its optimizers, as bases of the hand-built ones."""

from collections.abc import Sequence
from typing import Any

import keras
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


class Outside(Conventions):
    """An optimizer whose ε can stand outside the root."""

    def __init__(self, *, epsilon_outside: bool = False, **others: Any) -> None:
        super().__init__(**others)
        self.epsilon_outside = epsilon_outside

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "epsilon_outside": self.epsilon_outside}
