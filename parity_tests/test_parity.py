"""Every case, in every implementation, in float64 and float32: outputs, gradients, updates and slots agree."""

from collections.abc import Callable

import numpy as np
import pytest

from backproof.check import check
from backproof.implementation import Implementation
from cases import BATCH, CASES, STEPS, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_implementations_agree(
    case: Case, implementations: list[Implementation], record_property: Callable[[str, object], None]
) -> None:
    report = check(case.spec, steps=STEPS, batch_size=BATCH, implementations=implementations)
    for verdict in report.verdicts:
        assert verdict.divergence is None
        assert verdict.answer == "agree"
        told = [c for c in verdict.comparisons if c.answer == "agree"]
        assert len(told) == len(verdict.comparisons) or verdict.dtype == "float32"
        figures = (verdict.worst(), verdict.worst_relative(), len(told), len(verdict.comparisons))
        record_property("parity", (verdict.dtype, case.name, *figures))


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
def test_a_resynchronised_run_agrees_at_every_step(dtype: type, implementations: list[Implementation]) -> None:
    case = next(case for case in CASES if case.name.startswith("adamw"))
    report = check(
        case.spec, steps=10, batch_size=BATCH, dtypes=[dtype], implementations=implementations, resync=True
    )
    assert report.answer == "agree"
    assert {c.step for c in report.verdicts[0].comparisons} == set(range(10))
