"""Sums that stand side by side: the neurons of a layer share their inputs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backproof.doctor.infer.lasting import update_times
from backproof.doctor.infer.links import Augmented
from backproof.doctor.infer.sums import Neuron
from backproof.doctor.infer.values import Values, equal
from backproof.fields import Array


@dataclass(frozen=True)
class Run:
    """Consecutive sums with the same factors on one side: the neurons of a layer, at one forward pass.

    `shared` (F, 2) says of each term whether its left, and its right factor is the same in all of them.
    """

    neurons: tuple[Neuron, ...]
    shared: Array

    @property
    def size(self) -> tuple[int, int]:
        """F and G."""
        return len(self.shared), len(self.neurons)

    @property
    def z(self) -> Array:
        """The sums (N, G)."""
        return np.stack([one.z for one in self.neurons], axis=1)

    def sites(self, values: Values) -> frozenset[int]:
        """Return the places where the sums are complete."""
        return frozenset(int(values.recording.event_sites[one.time]) for one in self.neurons)

    def split(self, weights: Sequence[int]) -> tuple[Array, Array, Array]:
        """Return x (N, F), W (F, G) and b (G,), where `weights` says which factor of each term is the weight."""
        first = self.neurons[0]
        x = [(first.right if side == 0 else first.left)[k] for k, side in enumerate(weights)]
        W = [
            [(one.left if side == 0 else one.right)[k, 0] for one in self.neurons]
            for k, side in enumerate(weights)
        ]
        return np.array(x).T, np.array(W), np.array([one.bias for one in self.neurons])

    def could_take(self, a: Array, ones: Augmented) -> bool:
        """Return whether an output's (N, G) first entry is a factor where it would have to be."""
        first, k = self.neurons[0], int(ones == "first")
        entry = a[0, 0]
        return any(abs(side[k, 0] - entry) <= 1e-3 * abs(entry) for side in (first.left, first.right))

    def taking(self, a: Array) -> tuple[int, ...] | None:
        """Return which factor of each term is the weight if the others are `a` (N, F), or None if they are not."""
        first = self.neurons[0]
        found = []
        for k, wanted in enumerate(a.T):
            for side, own in ((1, first.left), (0, first.right)):
                if self.shared[k, 1 - side] and own[k].shape == wanted.shape and equal(wanted, own[k]):
                    found.append(side)
                    break
            else:
                return None
        return tuple(found)


def runs(values: Values, found: Iterator[Neuron]) -> Iterator[Run]:
    """Yield the runs of sums; an update of what lasts ends one."""
    updated = update_times(values)
    open_run: Run | None = None
    for neuron in found:
        joined = None
        if open_run is not None:
            between = np.searchsorted(updated, [open_run.neurons[-1].time, neuron.begun])
            if between[0] == between[1]:
                joined = _join(open_run, neuron)
            if joined is None:
                yield open_run
        open_run = joined or Run((neuron,), _inputs(neuron))
    if open_run is not None:
        yield open_run


def _inputs(neuron: Neuron) -> Array:
    """Return which factors can be inputs: all, but of a number and a column only the column."""
    sizes = neuron.left.shape[1], neuron.right.shape[1]
    return np.tile([sizes[0] >= sizes[1], sizes[1] >= sizes[0]], (len(neuron.left), 1))


def _join(run: Run, neuron: Neuron) -> Run | None:
    first = run.neurons[0]
    if neuron.left.shape != first.left.shape or neuron.right.shape != first.right.shape:
        return None
    same = [np.all(first.left == neuron.left, axis=1), np.all(first.right == neuron.right, axis=1)]
    shared = run.shared & np.stack(same, axis=1)
    return Run((*run.neurons, neuron), shared) if np.all(shared.any(axis=1)) else None


def apart(run: Run) -> list[Run]:
    """Return the runs of which one is made that are one neuron's at several passes."""
    return [Run((neuron,), _inputs(neuron)) for neuron in run.neurons]
