"""Correct implementations are never called wrong: random specs, weights and data, in both precisions.

`pytest parity_tests/test_no_false_alarm.py --cases 10000` runs the long version and prints the counts.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed

from backproof.check import run
from backproof.implementation import Implementation
from backproof.noise import RUNS, expect
from backproof.step import Network
from backproof.verdict import K, judge
from random_specs import RandomCase, random_cases

CHUNK = 20
"""Structures per seed: Hypothesis varies what it drew before, so that many seeds are more alike to chance."""

DRAWS = 5
"""Weights and data per structure: programs are compiled once for all of them."""

MOST_UNTOLD = 0.02
"""The largest share of tensors that may be left open, over a sample that is large enough to speak of a share."""

ENOUGH = 1000
"""Cases from which on the share is asserted; it is printed always."""


@dataclass
class Tally:
    """What was seen."""

    cases: int = 0
    structures: set[str] = field(default_factory=set)
    told: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    ratios: dict[str, list[float]] = field(default_factory=lambda: {"float64": [], "float32": []})

    def add(self, case: RandomCase, implementations: list[Implementation]) -> None:
        """Run a case in both precisions and fail on any difference."""
        self.cases += 1
        self.structures.add(case.spec.model_dump_json(exclude={"seed"}))
        for dtype in (np.float64, np.float32):
            batches = case.batches()
            expectation = expect(case.spec, Network(case.spec).initial_state(), batches, dtype)
            runs = {
                one.name: run(one, case.spec, expectation.starts, batches, dtype, False) for one in implementations
            }
            verdict = judge(expectation, runs, dtype)
            for comparison in verdict.comparisons:
                if comparison.answer == "cannot tell":
                    self.untold[verdict.dtype] += 1
                else:
                    self.told[verdict.dtype] += 1
                    self.ratios[verdict.dtype].append(comparison.ratio)
            assert verdict.divergence is None, (verdict.divergence, verdict.dtype)

    def share_untold(self) -> float:
        """Return the share of tensors about which nothing can be said."""
        return self.untold.total() / (self.untold.total() + self.told.total())

    def __str__(self) -> str:
        lines = [f"{self.cases} cases of {len(self.structures)} structures, S = {RUNS}: differ 0"]
        for dtype, ratios in self.ratios.items():
            percentiles = ", ".join(f"{p} % {np.percentile(ratios, p):.2f}" for p in (50, 99, 99.9, 99.99))
            lines.append(
                f"{dtype}: {len(ratios)} tensors judged, ratio of error to floor {percentiles}, "
                f"largest {max(ratios):.2f} (K = {K:g}); cannot tell {self.untold[dtype]}"
            )
        return "\n".join([*lines, f"cannot tell: {100 * self.share_untold():.2f} % of tensors"])


def test_no_correct_case_is_called_wrong(
    implementations: list[Implementation],
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    wanted = request.config.getoption("--cases")
    tally = Tally()
    chunk = request.config.getoption("--first-seed")
    while tally.cases < wanted:

        def body(case: RandomCase) -> None:
            for draw in range(DRAWS):
                tally.add(case.with_seed((case.spec.seed + draw) % 2**32), implementations)

        structures = min(CHUNK, -(-(wanted - tally.cases) // DRAWS))
        test = settings(
            max_examples=structures,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )(given(random_cases())(body))
        hypothesis_seed(chunk)(test)()
        chunk += 1
    record_property("alarms", str(tally))
    assert tally.cases < ENOUGH or tally.share_untold() < MOST_UNTOLD
