"""Options and fixtures that all tests share."""

import os
from collections import defaultdict
from typing import Any

import pytest

from backproof import implementation
from backproof.errors import MissingFramework
from backproof.implementation import Implementation


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose what is compared, and how much of it."""
    parser.addoption(
        "--implementations", default=",".join(implementation.names()), help="which to compare with NumPy"
    )
    parser.addoption("--first-seed", type=int, default=0, help="where the random cases start")
    parser.addoption("--cases", type=int, default=60, help="how many random correct cases to run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that takes a `framework`, and does not say which, once for each framework chosen."""
    said = any("framework" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "framework" in metafunc.fixturenames and not said:
        metafunc.parametrize("framework", _chosen(metafunc.config)[1:])


def _chosen(config: pytest.Config) -> list[str]:
    names = [name.strip() for name in config.getoption("--implementations").split(",")]
    return ["numpy", *(name for name in names if name != "numpy")]


def load(name: str) -> Implementation:
    """Return an implementation; where its framework is missing, skip the test, or fail it in CI."""
    try:
        return implementation.load(name)
    except MissingFramework as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def chosen(request: pytest.FixtureRequest) -> list[str]:
    """The names of the implementations to compare, NumPy first."""
    return _chosen(request.config)


@pytest.fixture(scope="session")
def implementations(chosen: list[str]) -> list[Implementation]:
    """Every implementation chosen, NumPy first."""
    return [load(name) for name in chosen]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the tests measured; they hand it over as properties, so that it survives parallel runs."""
    measured: dict[str, list[Any]] = defaultdict(list)
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            measured[name].append(value)
    write = terminalreporter.write_line
    if measured["kills"]:
        terminalreporter.section("mistakes caught")
        write(f"{'mistake':58}{'caught':>8}{'in cases':>10}{'changes nothing':>17}")
        for name, caught, cases, unchanged in measured["kills"]:
            write(f"{name:58}{caught:8}{cases:10}{unchanged:17}")
        write(f"{len(measured['kills'])} mistakes, {sum(row[1] for row in measured['kills'])} caught, none missed")
    if measured["parity"]:
        terminalreporter.section("correct implementations")
        for dtype in ("float64", "float32"):
            rows = [row for row in measured["parity"] if row[0] == dtype]
            worst = max(rows, key=lambda row: row[2])
            write(
                f"{dtype}: {len(rows)} cases, {sum(row[4] for row in rows)} of {sum(row[5] for row in rows)} "
                f"tensors judged, largest error {worst[2]:.2f} noise floors ({worst[1]}), "
                f"largest relative difference {max(row[3] for row in rows):.1e}"
            )
    if measured["architectures"]:
        terminalreporter.section("architectures")
        write(f"{'':12}{'float64: relative':>18}{'floors':>8}{'float32: floors':>17}{'most, any to step':>20}")
        for name, relative, floors, single, most, some in sorted(measured["architectures"]):
            write(f"{name:12}{relative:18.1e}{floors:8.2f}{single:17.2f}{f'{most}, {some}':>20}")
    for text in measured["alarms"]:
        terminalreporter.section("random correct cases")
        write(text)
