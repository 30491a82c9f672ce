"""Correct implementations are never called wrong: random networks, weights and data, in both precisions.

`nox -s alarms -- --cases 10000` runs the long version.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from backproof.fuzz import Campaign
from backproof.implementation import Implementation
from backproof.verdict import K

MOST_UNTOLD = 0.1
"""The largest share of tensors that may be left open, over a sample that is large enough to speak of a share."""

ENOUGH = 1000
"""Cases from which on the share is asserted; it is printed always."""


def test_no_correct_case_is_called_wrong(
    chosen: list[str],
    implementations: list[Implementation],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    campaign = Campaign(request.config.getoption("--first-seed"), tmp_path, tuple(chosen))
    summary = campaign.run(request.config.getoption("--cases"))
    assert [(finding.number, finding.finding) for finding in summary.findings] == []
    lines = [f"{summary.cases} cases of {len(summary.structures)} networks: differ 0"]
    for dtype, judged in summary.judged.items():
        untold = summary.untold[dtype]
        share = untold / (judged + untold)
        lines.append(
            f"{dtype}: {judged:,} tensors agree, largest error {summary.worst[dtype]:.2f} noise floors "
            f"(K = {K:g}); cannot tell {100 * share:.2f} %"
        )
        assert summary.cases < ENOUGH or share < MOST_UNTOLD
    record_property("alarms", "\n".join(lines))
