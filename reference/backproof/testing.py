"""Parity as a test: `assert_parity` in your own test suite, with the frameworks or with your own backprop.

A hand-written backprop is an implementation when it has a name, versions and `build`; what `build` returns trains:

    class MyTrainer:
        def load(self, state): self.state_ = state
        def state(self): return self.state_
        def step(self, x, y):
            ...                                   # forward, loss, backward, update
            record = StepRecord(...)              # all of it, in canonical names and layout
            self.state_ = record.state()
            return record

    class Mine:
        name = "mine"
        def versions(self): return {"mine": "1.0"}
        def build(self, spec, dtype): return MyTrainer()

    def test_my_backprop() -> None:
        assert_parity("net.yaml", implementations=["numpy", Mine()])

The shortest way there is a subclass of `backproof.Network` that overrides one phase, such as `backward`, as
`backproof.NumPy("mine", MyNetwork)`.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from backproof import implementation
from backproof.check import Report, check
from backproof.errors import MissingFramework
from backproof.fields import Array
from backproof.files import as_spec
from backproof.implementation import Implementation
from backproof.report.summary import differing, entry, how_far, place, unjudged
from backproof.spec import ModelSpec
from backproof.verdict import Verdict

OTHERS = 8
"""So many tensors that differ after the first one are listed."""


def assert_parity(
    spec: ModelSpec | Mapping[str, Any] | str | os.PathLike[str],
    *,
    parameters: Mapping[str, Array] | None = None,
    data: tuple[Any, Any] | None = None,
    steps: int = 3,
    batch_size: int | None = None,
    dtypes: Sequence[Any] = ("float64", "float32"),
    implementations: Sequence[str | Implementation] | None = None,
    resync: bool = False,
) -> Report:
    """Assert that implementations of a spec agree with the reference to rounding, and return the report.

    Parameters
    ----------
    spec
        A spec, its data as a mapping, or the path of its file.
    implementations
        Names, or objects with `name`, `versions` and `build` (see above). All that are installed where absent;
        then at least one besides NumPy must take part.

    The other parameters are those of `backproof.check`.

    Raises
    ------
    AssertionError
        If a tensor differs, or if rounding hides all of them. The message says where first, who is odd, by how
        much, and what else differs.
    MissingFramework
        If an implementation that is named is not installed, or none is besides NumPy where none is named.
    BadInput
        If spec, parameters, data or an option cannot be used.
    """
    __tracebackhide__ = True
    report = check(
        as_spec(spec),
        parameters=parameters,
        data=data,
        steps=steps,
        batch_size=batch_size,
        dtypes=dtypes,
        implementations=_gather(implementations),
        resync=resync,
    )
    if report.answer != "agree":
        raise AssertionError(_message(report))
    return report


def _gather(wanted: Sequence[str | Implementation] | None) -> list[Implementation]:
    """Load the implementations; a missing one is an error if it was named."""
    found: list[Implementation] = []
    missing = []
    for one in implementation.names() if wanted is None else wanted:
        try:
            found.append(implementation.load(one) if isinstance(one, str) else one)
        except MissingFramework as error:
            if wanted is not None:
                raise
            missing.append(str(error))
    if wanted is None and [one.name for one in found] == ["numpy"]:
        raise MissingFramework("no implementation to compare with\n  " + "\n  ".join(missing))
    return found


def _message(report: Report) -> str:
    if report.answer == "cannot tell":
        lines = ["rounding alone could explain anything here, so nothing is proved"]
        lines += [
            f"  {v.dtype}: {n} comparisons: {why}" for v in report.verdicts for why, n in unjudged(v).items()
        ]
        return "\n".join(lines)
    return "\n".join(_differences(v) for v in report.verdicts if v.divergence is not None)


def _differences(verdict: Verdict) -> str:
    assert verdict.divergence is not None
    lines = [f"{verdict.dtype}: first divergence at {verdict.divergence}"]
    for comparison in verdict.divergence.comparisons:
        if comparison.answer == "differ":
            lines.append(f"  {how_far(verdict, comparison)}")
            if comparison.farthest is not None:
                lines.append(f"    farthest at {entry(comparison)}")
    first = (verdict.divergence.step, verdict.divergence.phase, verdict.divergence.tensor)
    others = [c for c in differing(verdict) if c.label != first]
    if others:
        lines.append(f"  {len(others)} other comparisons differ:")
        lines += [f"    {place(*c.label)}: {how_far(verdict, c)} ({entry(c)})" for c in others[:OTHERS]]
    if len(others) > OTHERS:
        lines.append(f"    ... and {len(others) - OTHERS} more")
    return "\n".join(lines)
