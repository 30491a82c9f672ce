"""What a mistake changes: every tensor of a training step, with the mistake and without it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.doctor.diagnosis import Made
from backproof.doctor.reading import Observed
from backproof.fields import Array
from backproof.losses import NOTHING, CrossEntropy
from backproof.mistakes import WrongNetwork, compose
from backproof.optimizers import Slots
from backproof.spec import ModelSpec
from backproof.step import Network, State


@dataclass(frozen=True)
class Difference:
    """One tensor as it is with the mistakes, and as it would be without one of them, step by step.

    `name` is `sigmoid1` for a layer's output, `∂ sigmoid1` for the gradient of its input, `∂ output` for the
    loss's, `softmax` for the probabilities in cross-entropy, `d dense1.weight` for a parameter's gradient,
    `dense1.weight` for the parameter after the step.
    """

    name: str
    wrong: tuple[Array, ...]
    right: tuple[Array, ...]

    def entries(self) -> "list[Difference]":
        """Return the difference in each entry, the largest first, for code that goes from entry to entry."""
        with np.errstate(all="ignore"):
            sizes = np.nan_to_num(np.abs(self.wrong[0] - self.right[0])).reshape(-1)
        found = []
        for number in np.argsort(-sizes)[:2]:
            wrong, right = (
                [t.reshape(-1)[number : number + 1] for t in side] for side in (self.wrong, self.right)
            )
            found.append(Difference(self.name, tuple(wrong), tuple(right)))
        return found

    @property
    def factor(self) -> float | None:
        """The number c with right = c · wrong at every step, or None where there is no such number."""
        found = [proportion(right, wrong) for right, wrong in zip(self.right, self.wrong, strict=True)]
        known = [c for c in found if c is not None]
        return known[0] if len(known) == len(found) and np.allclose(known, known[0]) else None


class _Traced(WrongNetwork):
    """A network that keeps what it calculates, in order."""

    def __init__(self, spec: ModelSpec, inner: Network) -> None:
        super().__init__(spec, None, inner)
        self.kept: dict[str, Array] = {}

    def layer_forward(self, index: int, own: dict[str, Array], x: Array) -> tuple[Array, Any]:
        output, cache = super().layer_forward(index, own, x)
        self.kept[self.spec.layer_names[index]] = output
        return output, cache

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        gradient = super().loss_gradient(output, y, side)
        loss = self.spec.loss
        if isinstance(loss, CrossEntropy):  # whose gradient is softmax less the targets
            counted = loss.scaled(np.ones_like(output), output, y, side)
            self.kept["softmax"] = gradient / counted + loss.distribution(output, y)
        self.kept["∂ output"] = gradient
        return gradient

    def layer_backward(
        self, index: int, state: State, caches: list[Any], dy: Array
    ) -> tuple[Array, dict[str, Array]]:
        dx, own = super().layer_backward(index, state, caches, dy)
        name = self.spec.layer_names[index]
        self.kept |= {f"d {name}.{short}": gradient for short, gradient in own.items()}
        self.kept[f"∂ {name}"] = dx
        return dx, own

    def collected(self, gradients: dict[str, Array]) -> dict[str, Array]:
        found = super().collected(gradients)
        self.kept |= {f"d {name}": gradient for name, gradient in found.items()}
        return found

    def update(self, state: State, gradients: dict[str, Array]) -> tuple[dict[str, Array], Slots]:
        parameters, slots = super().update(state, gradients)
        self.kept |= parameters
        return parameters, slots


def traces(
    spec: ModelSpec, steps: Sequence[Observed], made: Sequence[Made], rows: slice = slice(None)
) -> list[dict[str, Array]]:
    """Return all tensors of each step, as the mistakes make them of the user's weights and some observations."""
    found: list[dict[str, Array]] = []
    network = _Traced(spec, compose(spec, [(one.mistake, one.site) for one in made]))
    state: State | None = None
    for number, step in enumerate(steps):
        network.kept = {}
        before = {name: np.asarray(step.before[name], np.float64) for name in spec.parameters}
        start = network.initial_state(np.float64, before)
        if state is not None:
            start = State(before, state.slots, state.buffers, number)
        batch = spec.check_batch(step.x[rows], step.y[rows], step=number)
        with np.errstate(all="ignore"):
            state = network.step(start, batch.x, batch.y, dict(batch.side)).state()
        found.append(network.kept)
    return found


def differences(
    wrong: Sequence[Mapping[str, Array]], right: Sequence[Mapping[str, Array]]
) -> Iterator[Difference]:
    """Yield the tensors that differ, in the order of calculation."""
    for name, tensor in wrong[0].items():
        if not np.array_equal(tensor, right[0][name]):
            yield Difference(name, tuple(step[name] for step in wrong), tuple(step[name] for step in right))


def proportion(a: Array, b: Array, slack: float = 1e-8) -> float | None:
    """Return c with a = c · b to rounding, or None."""
    if a.shape != b.shape:
        return None
    with np.errstate(all="ignore"):
        square = float((b.astype(np.float64) ** 2).sum())
        if not np.isfinite(square) or square == 0:
            return None
        c = float((a.astype(np.float64) * b).sum()) / square
        near = np.abs(a - c * b).max() <= slack * np.abs(a).max()
        return c if c != 0 and near else None
