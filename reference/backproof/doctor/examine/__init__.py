"""Where the gradient is right, and the training does not learn: why, by experiment.

One file per kind of finding, each with `look(context)`, which measures, and claims a cause only where the same run
with just that changed learns. `training` runs a training, `learning` says when it has learnt, `changes` is what
experiments change, `context` makes each experiment once and keeps to the time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from backproof.doctor.examination import Examination
from backproof.doctor.examine import (
    capacity,
    dead_units,
    gradient_sizes,
    initial_weights,
    inputs,
    output_range,
    plateau,
    precision,
    rate_too_large,
    rate_too_small,
    saturation,
    symmetry,
)
from backproof.doctor.examine.context import Context
from backproof.doctor.examine.measures import activations
from backproof.doctor.examine.training import Training
from backproof.fields import Array
from backproof.parameters import check_parameters
from backproof.spec import ModelSpec

LOOKS = (
    plateau,
    output_range,
    saturation,
    symmetry,
    rate_too_small,
    dead_units,
    gradient_sizes,
    inputs,
    precision,
    capacity,
    initial_weights,
    rate_too_large,
)
"""What is looked for, the cheapest and likeliest first: when the time runs out the rest makes no experiments."""


def examine(
    spec: ModelSpec,
    parameters: Mapping[str, Array],
    x: Array,
    y: Array,
    *,
    batch_size: int | None = None,
    iterations: int = 1000,
    dtype: Any = np.float64,
    seconds: float = 10.0,
    seed: int = 0,
) -> Examination:
    """Return what holds a training back, or that it learns.

    The reference trains anew from the given initial `parameters` on `x` and `y`, in mini-batches of `batch_size`
    (None: all at once) reshuffled every epoch from `seed`, for so many `iterations` (updates) in `dtype` (float64
    where that is no kind of float). All experiments together take at most about `seconds`; runs that are cut short
    say so. With time enough the answer depends on the arguments alone.

    Raises
    ------
    WeightsError, DataError
        If parameters or data do not fit the spec.
    """
    x, y, _ = spec.check_batch(x, y)
    start = check_parameters(spec, parameters)
    working = np.dtype(dtype) if np.issubdtype(dtype, np.floating) else np.dtype(np.float64)
    training = Training(spec, start, x, y, iterations, batch_size, working, seed)
    context = Context.of(training, seconds)
    given = context.given
    remarks = []
    for finding in LOOKS:
        if (remark := finding.look(context)) is not None:
            remarks.append(remark)
            context.causes |= {remark.kind} if remark.cause else set()
    learns = not context.stuck or (context.yardstick.begun(given.run) and not context.causes)
    if learns:
        remarks = [replace(remark, cause=False) for remark in remarks]
    slopes = {name: unit.slope for name, unit in activations(training, given.start).items()}
    slopes |= {f"{name} after": unit.slope for name, unit in activations(training, given.end).items()}
    return Examination(
        given.run,
        learns,
        tuple(sorted(remarks, key=lambda remark: (not remark.cause, not remark.refuted))),
        slopes,
        plateau.found(context),
        tuple(_notes(training, context, learns)),
    )


def _notes(training: Training, context: Context, learns: bool) -> Iterator[str]:
    """Yield what had to be left out, and that nothing was found."""
    if not learns and not context.causes:
        made = (
            f"none of the {len(context.made)} experiments made helps"
            if context.made
            else "time allowed no experiment"
        )
        yield f"The training does not learn, and {made}."
    if context.given.cut:
        done = context.training.iterations
        yield f"Time allowed {done:,} of the {training.iterations:,} iterations; experiments have no more."
    if (measured := len(training.sample())) < len(training.x):
        yield f"Losses are measured on {measured:,} of the {len(training.x):,} observations, drawn at random."


__all__ = ["LOOKS", "examine"]
