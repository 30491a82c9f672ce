"""Optimizers as pure functions: (gradient, weight, slots, t) to (update, slots).

Every optimizer does the same things in the same order:

1. with `accumulate: k`, add the gradients of k successive steps; only the k-th goes on, with their mean;
2. clip the gradients (`clip`);
3. with `decay: l2`, add weight_decay · w to the gradient: it then passes through the moments;
4. compute the update Δ from the gradient and the slots, by the class's own formula;
5. with `decay: decoupled`, add −η · weight_decay · w to Δ;
6. w ← w + Δ; with `average`, the average of the weights follows.

η is the rate of this update and t counts updates from 1. PyTorch's `weight_decay` is `l2` except in AdamW; Keras'
is `decoupled` on every optimizer.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from backproof.clipping import Clip
from backproof.fields import Array, Fields, Fraction, NonNegativeFloat, PositiveFloat, scalar
from backproof.schedules import Schedule, rate_at

Slots = dict[str, dict[str, Array]]
"""slot name → parameter name → array of the parameter's shape."""

ACCUMULATED, AVERAGE = "accumulated", "average"


class Group(Fields):
    """Parameters with a weight decay of their own, and a factor on η: those whose name matches `pattern`.

    In a pattern `*` stands for anything (`*.bias`, `*norm*.*`); the first group that matches is a parameter's.
    A `weight_decay` of null is the optimizer's own. PyTorch calls this parameter groups.
    """

    pattern: str
    weight_decay: NonNegativeFloat | None = None
    rate: NonNegativeFloat = 1.0


class Average(Fields):
    """After each update a ← d·a + (1 − d)·w, with d = `decay`: the moving average of the weights, a slot.

    It starts at the initial weights, or with `start: first_update` at those that the first update leads to, as
    Keras (`use_ema`) and PyTorch (`AveragedModel`, told of the weights after each update) do: their first d is 0.
    """

    decay: Fraction
    start: Literal["initial", "first_update"] = "initial"

    def next(self, average: Array, w: Array, t: Array) -> Array:
        """Return the average after update t, which has led to w."""
        if self.start == "first_update" and t == 1:
            return w
        return self.decay * average + (1.0 - self.decay) * w


class Optimizer(Fields):
    """The steps above; a subclass gives its slots and its formula."""

    learning_rate: PositiveFloat | Schedule
    weight_decay: NonNegativeFloat = 0.0
    decay: Literal["l2", "decoupled"] = "l2"
    clip: Clip | None = None
    groups: Annotated[tuple[Group, ...], Field(strict=False)] = ()
    accumulate: Annotated[int, Field(ge=1)] = 1
    average: Average | None = None
    normalizes: ClassVar[bool] = False
    """Whether Δ is the gradient divided by its own magnitude, so that errors of the two may or may not cancel."""

    def own_slots(self) -> tuple[str, ...]:
        """Return the names of the arrays that the formula keeps per parameter between updates."""
        return ()

    def initial_slot(self, name: str) -> float:
        """Return the value that one of these starts with."""
        return 0.0

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        """Return the update of one parameter and its new slots; `rate` and `t` are 0-d arrays."""
        raise NotImplementedError

    def slot_names(self) -> tuple[str, ...]:
        """Return the names of all arrays kept per parameter, in the order of calculation."""
        before, after = (ACCUMULATED,) * (self.accumulate > 1), (AVERAGE,) * (self.average is not None)
        return (*before, *self.own_slots(), *after)

    def initial_slots(self, parameters: dict[str, Array]) -> Slots:
        """Return the slots before the first update."""
        slots = {slot: {n: np.zeros_like(w) for n, w in parameters.items()} for slot in self.slot_names()}
        for slot in self.own_slots():
            slots[slot] = {n: np.full_like(w, self.initial_slot(slot)) for n, w in parameters.items()}
        if self.average:
            slots[AVERAGE] = {n: w.copy() for n, w in parameters.items()}
        return slots

    def rate(self, step: int) -> float:
        """Return η after `step` steps; a schedule counts updates."""
        return rate_at(self.learning_rate, step // self.accumulate)

    def group(self, name: str) -> Group:
        """Return the first group that matches a parameter's name, or one that changes nothing."""
        return next((g for g in self.groups if fnmatchcase(name, g.pattern)), Group(pattern="*"))

    def weight_decay_in(self, group: Group) -> float:
        """Return the weight decay of a group's parameters."""
        return self.weight_decay if group.weight_decay is None else group.weight_decay

    def decays(self) -> bool:
        """Return whether any parameter may decay."""
        return any((self.weight_decay, *(group.weight_decay for group in self.groups)))

    def check_groups(self, names: Iterable[str]) -> None:
        """Raise ValueError where a group has none of these parameters."""
        groups = [self.group(name) for name in names]
        for position, group in enumerate(self.groups):
            if group not in groups:
                raise ValueError(
                    f"optimizer.groups[{position}].pattern: expected to match a parameter that no earlier one "
                    f"does, found {group.pattern}"
                )

    def update(
        self, parameters: dict[str, Array], gradients: dict[str, Array], slots: Slots, step: int
    ) -> tuple[dict[str, Array], Slots]:
        """Return Δ of every parameter and the new slots, after `step` earlier steps."""
        new: Slots = {slot: {} for slot in slots}
        if self.accumulate > 1:
            sums = {name: slots[ACCUMULATED][name] + g for name, g in gradients.items()}
            if (step + 1) % self.accumulate:
                return {name: np.zeros_like(g) for name, g in sums.items()}, slots | {ACCUMULATED: sums}
            gradients = {name: g / self.accumulate for name, g in sums.items()}
            new[ACCUMULATED] = {name: np.zeros_like(g) for name, g in sums.items()}
        updates: dict[str, Array] = {}
        for name, g in (self.clip.clip(gradients) if self.clip else gradients).items():
            w, group = parameters[name], self.group(name)
            rate, t = scalar(self.rate(step) * group.rate, w), scalar(step // self.accumulate + 1, w)
            decay = self.weight_decay_in(group)
            if decay and self.decay == "l2":
                g = g + decay * w
            own = {slot: slots[slot][name] for slot in self.own_slots()}
            updates[name], own = self.delta(g, w, own, rate, t)
            if decay and self.decay == "decoupled":
                updates[name] = updates[name] - rate * decay * w
            for slot, value in own.items():
                new[slot][name] = value
            if self.average:
                new[AVERAGE][name] = self.average.next(slots[AVERAGE][name], w + updates[name], t)
        return updates, new


def root(s: Array, epsilon: float, placement: Literal["outside", "inside"]) -> Array:
    """Return √s + ε or √(s + ε)."""
    return np.sqrt(s) + epsilon if placement == "outside" else np.sqrt(s + epsilon)
