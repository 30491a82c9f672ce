"""The catalogue of differences between the frameworks: each is what is recorded, and its page is up to date."""

import math
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from conftest import load
from test_examples import EXAMPLES

FOLDER = EXAMPLES / "differences"
ADAPTER = {"torch": "torch", "jax": "jax", "optax": "jax", "keras": "tensorflow", "tensorflow": "tensorflow"}

for _package in ADAPTER:  # a family compares them side by side: it needs them all to be imported
    pytest.importorskip(_package)

sys.path.insert(0, str(FOLDER))
differences, pages = import_module("differences"), import_module("write_pages")
sys.path.remove(str(FOLDER))

FAMILIES = differences.families()
ALL = [difference for family in FAMILIES.values() for difference in family]


@pytest.fixture(scope="module", autouse=True)
def _settings_are_left_alone() -> Iterator[None]:
    """Whatever is measured, no test that follows in this process finds a framework's settings changed."""
    jax, keras, torch = (import_module(name) for name in ("jax", "keras", "torch"))

    def settings() -> tuple[Any, ...]:
        values = {name: jax.config.values[name] for name in sorted(jax.config.values)}
        return (
            values,
            keras.config.floatx(),
            keras.config.epsilon(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
        )

    before = settings()
    yield
    assert settings() == before


@pytest.mark.parametrize("difference", ALL, ids=lambda difference: difference.slug)
def test_difference_is_what_is_recorded(difference: Any, chosen: list[str]) -> None:
    """A change of a framework shows here: the message says which version no longer does what the page says."""
    for package in difference.packages:
        if ADAPTER.get(package, "numpy") not in chosen:
            pytest.skip(f"{package} is not among the implementations chosen")
        load(ADAPTER.get(package, "numpy"))
    complaints = difference.complaints(difference.measure())
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize("difference", ALL, ids=lambda difference: difference.slug)
def test_page_is_up_to_date(difference: Any) -> None:
    """The measured digits may differ, the words and the code may not."""
    page = (FOLDER / "pages" / f"{difference.slug}.md").read_text(encoding="utf-8")
    for part in [
        difference.title,
        difference.story,
        difference.cause,
        difference.mapping,
        pages.source(difference),
    ]:
        assert part in page, f"run {FOLDER / 'write_pages.py'}"


def test_pages_and_index_are_those_of_the_catalogue() -> None:
    assert len({difference.slug for difference in ALL}) == len(ALL)
    assert {path.stem for path in (FOLDER / "pages").iterdir()} == {difference.slug for difference in ALL}
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == pages.index(FAMILIES)


def test_every_difference_tells_its_story() -> None:
    for difference in ALL:
        assert difference.story, difference.title
        assert bool(difference.naive) != bool(difference.facts), difference.title
        assert difference.left.keys() <= difference.naive.keys(), difference.title


@pytest.mark.parametrize(
    ("recorded", "measured", "complaint"),
    [
        ({"naive": {"keras": 2.4e-10}}, (2.0e-10, 1e-16), ""),
        ({"naive": {"keras": 2.4e-10}}, (0.0, 0.0), "recorded 2.4e-10, measured 0.0e+00: the difference is gone"),
        ({"naive": {"keras": 2.4e-10}}, (1e-9, 1e-16), "the difference has changed"),
        ({"naive": {"keras": 2.4e-10}}, (math.nan, 1e-16), "the difference has changed"),
        ({"naive": {"keras": 2.4e-10}}, (2.0e-10, 2.0e-10), "the mapping no longer holds"),
        ({"naive": {"keras": 2.4e-10}}, (2.0e-10, math.nan), "the mapping no longer holds"),
        ({"naive": {"keras": 0.3}, "left": {"keras": 0.1}}, (0.3, 0.11), ""),
        ({"naive": {"keras": 0.3}, "left": {"keras": 0.1}}, (0.3, 0.0), "less is left with the mapping"),
        ({"naive": {"keras": 0}}, (1e-16, 1e-16), ""),
        ({"naive": {"keras": 0}}, (1e-8, 1e-16), "they agreed, and differ now"),
        ({"naive": {"keras": 0}, "rounding": 1e-6}, (1e-8, 1e-8), ""),
        ({"naive": {"keras": math.nan}}, (math.nan, 0.0), ""),
        ({"naive": {"keras": math.nan}}, (math.inf, 0.0), "recorded nan, measured inf"),
        ({"facts": {"keras": "ValueError"}}, "ValueError", ""),
        ({"facts": {"keras": "ValueError"}}, "no error", "recorded 'ValueError', measured 'no error'"),
    ],
)
def test_what_has_changed_is_said(recorded: dict[str, Any], measured: Any, complaint: str) -> None:
    difference = differences.Difference("a title", "", "", lambda: {"keras": measured}, **recorded)
    found = difference.complaints(difference.measure())
    assert len(found) == bool(complaint)
    assert all(complaint in text and "a title, keras" in text and "tensorflow 2." in text for text in found)


def test_who_was_measured_must_be_who_was_recorded() -> None:
    difference = differences.Difference("a title", "", "", dict, naive={"keras": 1.0})
    assert difference.complaints({}) == ["a title: recorded are ['keras'], measured were []"]
