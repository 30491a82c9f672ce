"""The worked calculation: every quantity of a training step with formula and shape, in the reader's convention."""

from backproof.trace.calculation import Convention, trace
from backproof.trace.lines import Calculation, Definition, Entry, Line, Section, Step

__all__ = ["Calculation", "Convention", "Definition", "Entry", "Line", "Section", "Step", "trace"]
