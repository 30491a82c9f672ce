"""backproof: proof that a backprop is right.

One model spec, its meaning in hand-written NumPy, and one verdict on whether other implementations agree with it
to rounding. Importing this costs NumPy and pydantic; a framework is imported when it is asked for.
"""

from typing import TYPE_CHECKING, Any

from backproof import errors
from backproof.check import Report, check
from backproof.errors import BadInput, DataError, MissingFramework, SpecError, WeightsError
from backproof.files import read_spec, write_spec
from backproof.implementation import NumPy
from backproof.spec import ModelSpec
from backproof.step import Network, State, StepRecord

if TYPE_CHECKING:
    from backproof.doctor.diagnose import diagnose

__version__ = "0.1.0"

__all__ = [
    "BadInput",
    "DataError",
    "MissingFramework",
    "ModelSpec",
    "Network",
    "NumPy",
    "Report",
    "SpecError",
    "State",
    "StepRecord",
    "WeightsError",
    "__version__",
    "check",
    "diagnose",
    "errors",
    "read_spec",
    "write_spec",
]


def __getattr__(name: str) -> Any:
    """Import the doctor when it is asked for."""
    if name == "diagnose":
        from backproof.doctor.diagnose import diagnose

        return diagnose
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
