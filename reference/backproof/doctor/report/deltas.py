"""Where the code has δ = ∂C/∂z: of either sign, and often under the name of something else, such as dC_dw."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from backproof.doctor.infer.values import Values
from backproof.doctor.reading import Reading, Source
from backproof.fields import Array
from backproof.layers.dense import Dense
from backproof.step import Network

_GRADIENT = re.compile(r"(?:d|_|grad)_?w(?:eights?)?_?\d*$", re.IGNORECASE)
"""What people call the gradient of a weight: dW2, dC_dw2, grad_w, gradWeights."""


class Delta(NamedTuple):
    """One of the user's arrays that is `factor` · δ of a dense layer."""

    layer: str
    source: Source
    factor: float
    shape: tuple[int, ...]


def called_gradient(name: str) -> bool:
    """Return whether a name says that it is the gradient of a weight."""
    return bool(_GRADIENT.search(name))


def deltas(reading: Reading) -> Iterator[Delta]:
    """Yield where the first step has each layer's δ, of the whole batch and under a name, the last layer first.

    Of a mean loss people often keep N δ, and divide later.
    """
    if reading.recording is None or not reading.steps:
        return
    values = Values(reading.recording)
    for layer, delta in _right(reading):
        factors = dict.fromkeys((1.0, -1.0, float(len(delta)), -float(len(delta))))
        found = (
            Delta(layer, source, c, delta.shape)
            for c in factors
            if (source := _named(values, c * delta)) is not None
        )
        if delta.size > 1 and np.any(delta) and (first := next(found, None)) is not None:
            yield first


def _right(reading: Reading) -> Iterator[tuple[str, Array]]:
    """Yield δ of each dense layer as the reference has it."""
    network, step = Network(reading.spec), reading.steps[0]
    weights = {name: np.asarray(w, np.float64) for name, w in step.before.items()}
    state = network.initial_state(np.float64, weights)
    x, y, _ = reading.spec.check_batch(step.x, step.y)
    with np.errstate(all="ignore"):
        outputs, caches = network.forward(state, x)
        dy = network.loss_gradient(outputs[reading.spec.layer_names[-1]], y)
        for index in reversed(range(len(network.layers))):
            if isinstance(network.layers[index], Dense):
                yield reading.spec.layer_names[index], dy
            dy, _ = network.layer_backward(index, state, caches, dy)


def _named(values: Values, wanted: Array) -> Source | None:
    """Return the first place that names an array, or None."""
    recording = values.recording
    sights = sorted(
        (int(time), flipped) for content, flipped in values.find(wanted) for time in recording.of_content[content]
    )
    for time, flipped in sights:
        site = recording.sites[int(recording.event_sites[time])]
        if site.kind in ("store", "Name"):
            return Source(site.text, site.file, site.line, flipped)
    return None
