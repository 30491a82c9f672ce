"""Real architectures, trained for ten steps on real data, agree in four implementations.

At every step rounding leaves most tensors to be compared, in float32 too; how far it goes is printed.
"""

from collections.abc import Callable
from pathlib import Path
from runpy import run_path

import pytest

from backproof import check, read_spec
from backproof.implementation import Implementation

ARCHITECTURES = Path(__file__).parent.parent / "examples" / "architectures"
SPECS = sorted(ARCHITECTURES.glob("*.yaml"))
STEPS, BATCH = 10, 4


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_an_architecture_agrees_over_ten_steps(
    path: Path, implementations: list[Implementation], record_property: Callable[[str, object], None]
) -> None:
    pytest.importorskip("sklearn")
    data = run_path(str(ARCHITECTURES / "data.py"))["DATA"][path.stem]()
    report = check(read_spec(path), data=data, steps=STEPS, batch_size=BATCH, implementations=implementations)
    double, single = report.verdicts
    assert double.divergence is None, double.divergence
    assert single.divergence is None, single.divergence
    assert double.answer == "agree"
    assert double.horizon(0.5) == single.horizon(0.5) == STEPS
    figures = (double.worst_relative(), double.worst(), single.worst(), single.horizon(0.5), single.horizon(0.0))
    record_property("architectures", (path.stem, *figures))


def test_every_architecture_has_data_and_every_data_an_architecture() -> None:
    assert set(run_path(str(ARCHITECTURES / "data.py"))["DATA"]) == {path.stem for path in SPECS}
