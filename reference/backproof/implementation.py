"""What an implementation of a spec is, and how the installed ones are found.

NumPy is built in. Others register a class under the entry-point group `backproof.adapters`; a third party can
add one without touching this project. Nothing is imported before it is asked for.
"""

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable

import numpy as np

from backproof.errors import BadInput, MissingFramework
from backproof.fields import Array
from backproof.spec import ModelSpec
from backproof.step import Network, State, StepRecord, check_state

GROUP = "backproof.adapters"


class Trainer(Protocol):
    """A model of one implementation with its optimizer, ready to train."""

    def load(self, state: State) -> None:
        """Take over parameters, slots, buffers and step count, bit for bit in the trainer's dtype."""

    def state(self) -> State:
        """Return parameters, slots, buffers and step count, bit for bit."""

    def step(self, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        """Do one training step on a batch and return its record.

        `side` has the side inputs (masks, lengths, noise); those absent are drawn by `spec.check_batch`.
        """


@runtime_checkable
class Implementation(Protocol):
    """One way to compute what a spec means."""

    name: str

    def versions(self) -> dict[str, str]:
        """Return the versions of the packages that compute."""

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> Trainer:
        """Return a trainer in its initial state."""


class NumPyTrainer:
    """The reference as a trainer: `Network` with a state."""

    def __init__(self, network: Network, dtype: Any) -> None:
        self.network = network
        self.dtype = dtype
        self._state = network.initial_state(dtype)

    def load(self, state: State) -> None:
        check_state(self.network.spec, state)
        self._state = state.astype(self.dtype)

    def state(self) -> State:
        return self._state.copy()

    def step(self, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        batch = self.network.spec.check_batch(x, y, side, self._state.step)
        record = self.network.step(self._state, *batch.astype(self.dtype))
        self._state = record.state()
        return record


class NumPy:
    """The reference in the working precision; or your own backprop, as a `Network` with a method of yours."""

    def __init__(self, name: str = "numpy", network: Callable[[ModelSpec], Network] = Network) -> None:
        self.name = name
        self.network = network

    def versions(self) -> dict[str, str]:
        return {"numpy": np.__version__}

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> NumPyTrainer:
        return NumPyTrainer(self.network(spec), dtype)


def names() -> tuple[str, ...]:
    """Return the names of all known implementations, NumPy first; none is imported."""
    return ("numpy", *sorted(point.name for point in entry_points(group=GROUP)))


def load(name: str) -> Implementation:
    """Return one implementation, importing its framework.

    Raises
    ------
    BadInput
        If no implementation of that name is known.
    MissingFramework
        If its framework is not installed (the message names the extra) or cannot be imported.
    """
    if name == "numpy":
        return NumPy()
    for point in entry_points(group=GROUP, name=name):
        try:
            return point.load()()
        except ModuleNotFoundError as error:
            raise MissingFramework(
                f"{name}: {error.name} is not installed; python -m pip install 'backproof[{name}]'"
            ) from error
        except (ImportError, OSError) as error:
            raise MissingFramework(f"{name}: it is installed but cannot be imported: {error}") from error
    raise BadInput(f"implementations: expected some of {', '.join(names())}, found {name}")
