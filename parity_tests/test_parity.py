"""Every case, in every implementation, in float64 and float32: outputs, gradients, updates and slots agree."""

from collections.abc import Iterator

import numpy as np
import pytest

from backproof.check import check
from backproof.implementation import Implementation
from cases import BATCH, CASES, STEPS, Case

PRINTED = ("float64", "float32")
_worst = dict.fromkeys(PRINTED, (0.0, 0.0, ""))
_counts = {dtype: [0, 0] for dtype in PRINTED}


@pytest.fixture(scope="module", autouse=True)
def _print_the_largest_ratios() -> Iterator[None]:
    yield
    for dtype, (ratio, relative, where) in _worst.items():
        told, all_of_them = _counts[dtype]
        print(
            f"\n{dtype}: {told} of {all_of_them} tensors judged, largest error {ratio:.2f} noise floors ({where}), "
            f"largest relative difference {relative:.1e}"
        )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_implementations_agree(case: Case, implementations: list[Implementation]) -> None:
    report = check(case.spec, steps=STEPS, batch_size=BATCH, implementations=implementations)
    for verdict in report.verdicts:
        ratio, relative, _ = _worst[verdict.dtype]
        if verdict.worst() > ratio:
            _worst[verdict.dtype] = (verdict.worst(), max(relative, verdict.worst_relative()), case.name)
        _counts[verdict.dtype][0] += sum(c.answer != "cannot tell" for c in verdict.comparisons)
        _counts[verdict.dtype][1] += len(verdict.comparisons)
        assert verdict.divergence is None
        assert verdict.answer == "agree"
        unjudged = [c.label for c in verdict.comparisons if c.answer == "cannot tell"]
        assert unjudged == [] or verdict.dtype == "float32"


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
def test_a_resynchronised_run_agrees_at_every_step(dtype: type, implementations: list[Implementation]) -> None:
    case = next(case for case in CASES if case.name.startswith("adamw"))
    report = check(
        case.spec, steps=10, batch_size=BATCH, dtypes=[dtype], implementations=implementations, resync=True
    )
    assert report.answer == "agree"
    assert {c.step for c in report.verdicts[0].comparisons} == set(range(10))
