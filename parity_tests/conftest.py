"""Options and fixtures that all tests share."""

import os

import pytest

from backproof import implementation
from backproof.errors import MissingFramework
from backproof.implementation import Implementation


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose what is compared, and how much of it."""
    parser.addoption(
        "--implementations", default=",".join(implementation.names()), help="which to compare with NumPy"
    )
    parser.addoption("--cases", type=int, default=60, help="how many random correct cases to run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that takes a `framework` once for each framework chosen."""
    if "framework" in metafunc.fixturenames:
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
def implementations(request: pytest.FixtureRequest) -> list[Implementation]:
    """Every implementation chosen, NumPy first."""
    return [load(name) for name in _chosen(request.config)]
