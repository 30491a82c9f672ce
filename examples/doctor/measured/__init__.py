"""What was said of the five networks: a module for each, with a function for each claim that measures it."""

import runpy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from backproof import implementation, read_spec
from backproof.files import read_data

EXAMPLES = Path(__file__).resolve().parents[2]

TRUE, FALSE, SGD_ONLY = "true", "false", "true for plain SGD only"


Measurement = Callable[[], tuple[str, bool]]
"""What was found, in words, and whether that bears the answer out, be it true or false."""


class Claim(NamedTuple):
    """Something that was said, the answer, and the function that measures it."""

    said: str
    answer: str
    measure: Measurement


def claims_of() -> tuple[list[Claim], Callable[[str, str], Callable[[Measurement], Measurement]]]:
    """Return a list of claims, and the decorator that adds a measurement to it."""
    claims: list[Claim] = []

    def claim(said: str, answer: str) -> Callable[[Measurement], Measurement]:
        def add(measure: Measurement) -> Measurement:
            claims.append(Claim(said, answer, measure))
            return measure

        return add

    return claims, claim


@cache
def script(folder: str) -> dict[str, Any]:
    """What `in_numpy.py` of a folder defines."""
    return runpy.run_path(str(EXAMPLES / folder / "in_numpy.py"))


@cache
def figures(folder: str) -> dict[str, Any]:
    """The figures of a folder."""
    return script(folder)["figures"]()


@cache
def more_figures(folder: str) -> dict[str, Any]:
    """The figures that only the script in NumPy has."""
    return script(folder)["claims"]()


@cache
def gradients(folder: str, suffix: str = "", data: str = "json", first: int | None = None) -> dict[str, Any]:
    """The first gradients of a folder's spec, by implementation."""
    spec = read_spec(EXAMPLES / folder / f"spec{suffix}.json")
    x, y = (array[:first] for array in read_data(EXAMPLES / folder / f"data{suffix}.{data}")[:2])
    return {name: implementation.load(name).build(spec).step(x, y).gradients for name in implementation.names()}


def apart(found: dict[str, Any], right: dict[str, Any]) -> float:
    """The largest difference between two sets of tensors, relative to the largest entry of each."""
    return max(float(np.abs(found[name] - right[name]).max() / np.abs(right[name]).max()) for name in right)


def within(value: float) -> str:
    """A difference that is rounding, by its order of magnitude: its digits are those of the machine."""
    return "at most 1e-13" if value <= 1e-13 else f"{value:.0e}"
