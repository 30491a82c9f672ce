"""What an executable difference between frameworks is: one function that measures it, and what was recorded of it.

A family of differences is a module in this folder; `write_pages.py` writes a page for each of its functions, and
`parity_tests/test_differences.py` says when a framework no longer does what is recorded here.
"""

import inspect
import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

# Who is compared, by the first word of a key, and the packages whose versions tell who it was.
PACKAGES = {
    "numpy": ["numpy"],
    "torch": ["torch"],
    "jax": ["jax"],
    "optax": ["optax", "jax"],
    "keras": ["keras", "tensorflow"],
    "tf": ["tensorflow"],
}

Measured = Mapping[str, Any]  # who → (as copied, with the mapping), or who → a short fact


@dataclass(frozen=True)
class Difference:
    """A difference as it was recorded, and the function that measures it again."""

    title: str
    cause: str
    mapping: str
    measure: Callable[[], Measured]
    naive: Mapping[str, float] = field(default_factory=dict)
    left: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    reference: str = "torch"
    rounding: float = 1e-12

    @property
    def slug(self) -> str:
        """The title as a file name."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")

    @property
    def module(self) -> str:
        """The family."""
        return self.measure.__module__

    @property
    def story(self) -> str:
        """What a naive port does: the function's docstring."""
        return inspect.cleandoc(self.measure.__doc__ or "")

    @property
    def packages(self) -> list[str]:
        """The packages that compute."""
        who = [*self.facts] if self.facts else [self.reference, *self.naive]
        return list(dict.fromkeys(package for name in who for package in PACKAGES[name.split()[0]]))

    def versions(self) -> str:
        """The packages that compute, with their versions."""
        return ", ".join(f"{package} {import_module(package).__version__}" for package in self.packages)

    def complaints(self, measured: Measured) -> list[str]:
        """Return what is no longer as recorded, in sentences."""
        recorded = self.facts or self.naive
        if measured.keys() != recorded.keys():
            return [f"{self.title}: recorded are {sorted(recorded)}, measured were {sorted(measured)}"]
        changed = {who: self._changed(who, measured[who]) for who in recorded}
        return [f"{self.title}, {who}: {text} (with {self.versions()})" for who, text in changed.items() if text]

    def _changed(self, who: str, measured: Any) -> str:
        if self.facts:
            same = measured == self.facts[who]
            return "" if same else f"recorded {self.facts[who]!r}, measured {measured!r}"
        naive, mapped = measured
        left = self.left.get(who, 0.0)
        if not self._same(self.naive[who], naive):
            change = "the difference has changed"
            if naive <= self.rounding:
                change = "the difference is gone, the mapping can go too"
            elif self.naive[who] <= self.rounding:
                change = "they agreed, and differ now"
            return f"recorded {self.naive[who]:.1e}, measured {naive:.1e}: {change}"
        if not self._same(left, mapped):
            change = "less is left with the mapping" if mapped < left else "the mapping no longer holds"
            return f"recorded {left:.1e} with the mapping, measured {mapped:.1e}: {change}"
        return ""

    def _same(self, recorded: float, measured: float) -> bool:
        """Whether both are rounding, or neither finite in the same way, or within a factor of 2."""
        if not math.isfinite(recorded):
            return repr(float(measured)) == repr(float(recorded))
        if recorded <= self.rounding:
            return measured <= self.rounding
        return recorded / 2 <= measured <= recorded * 2


def difference(title: str, *, cause: str, mapping: str, **recorded: Any) -> Callable[[Any], Difference]:
    """Make a function that takes nothing the measurement of a difference; its docstring is what a naive port does.

    Recorded are either numbers, each the largest difference relative to the largest entry of `reference` ("torch"
    unless said): `naive={"keras": 1.3, "jax": 1.3}` as things are copied, and `left={...}` what remains with the
    mapping, where that is more than `rounding` (1e-12). The function returns {"keras": (naive, mapped), ...}, as
    `measure.compare` does; 0 says that they agree.
    Or behaviour: `facts={"torch": ..., "keras": ...}`, which the function returns alike.
    A key starts with the one who computes, as in "torch amax".
    """
    return lambda measure: Difference(title, cause, mapping, measure, **recorded)


def distance(actual: Any, expected: Any) -> float:
    """Return max |actual − expected| / max |expected|, infinite where shapes differ; of two lists, the largest."""
    if isinstance(expected, list | tuple):
        return max(distance(a, e) for a, e in zip(actual, expected, strict=True))
    actual, expected = as_numpy(actual), as_numpy(expected)
    if actual.shape != expected.shape:
        return math.inf
    scale = np.abs(expected).max()
    return float(np.abs(actual - expected).max() / (scale if scale > 0 else 1))


def as_numpy(array: Any) -> np.ndarray:
    """Return a tensor of any framework as a NumPy array."""
    return np.asarray(array.detach() if hasattr(array, "detach") else array)


def random(*shape: int, seed: int = 0) -> np.ndarray:
    """Return numbers from the standard normal, the same ones every time."""
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def error(call: Callable[[], Any]) -> str:
    """Return the name of the exception that a call raises, or "no error"."""
    try:
        call()
    except Exception as raised:
        return type(raised).__name__
    return "no error"


def families() -> dict[ModuleType, list[Difference]]:
    """Return every module of this folder that holds differences, with them, in the order they are written in."""
    folder = Path(__file__).parent
    sys.path.insert(0, str(folder))
    try:
        modules = [import_module(path.stem) for path in sorted(folder.glob("*.py"))]
    finally:
        sys.path.remove(str(folder))
    found = {module: [it for it in vars(module).values() if isinstance(it, Difference)] for module in modules}
    return {module: differences for module, differences in found.items() if differences}
