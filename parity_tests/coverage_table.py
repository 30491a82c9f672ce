"""Writes TABLE.md: how close every implementation comes to the reference, in every part of the spec.

    python parity_tests/coverage_table.py

Each row runs the cases in which a layer, a loss or an optimizer appears; each cell is the largest error, in noise
floors, in float64 and in float32. Where a cell can hold no number it says why.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from backproof.check import check
from backproof.disk import replacing
from backproof.layers import LAYERS
from backproof.losses import LOSSES
from backproof.optimizers import OPTIMIZERS, SGD, Momentum
from backproof.spec import ModelSpec
from backproof.verdict import Comparison, K
from cases import BATCH, CASES, STEPS

TABLE = Path(__file__).with_name("TABLE.md")
IMPLEMENTATIONS = ("numpy", "torch", "jax", "tensorflow")
COLUMNS = ("forward", "input gradient", "parameter gradients", "update", "slots")
PACKAGES = ("numpy", "torch", "jax", "optax", "tensorflow-cpu", "keras")

Cell = tuple[str, str, str, str]
"""(part of the spec, implementation, column, dtype)"""


def with_slots(spec: ModelSpec) -> ModelSpec:
    """Return the spec with momentum where it has plain SGD, so that there are slots to compare."""
    if not isinstance(spec.optimizer, SGD):
        return spec
    fields = {name: value for name, value in spec.optimizer if name != "type"}
    return spec.model_copy(update={"optimizer": Momentum(**fields)})


def columns(spec: ModelSpec, comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield part of the spec and column of everything that a comparison says something about."""
    types = {path: layer.kind for path, layer, _ in spec.walk}
    tensor, phase = comparison.tensor, comparison.phase
    if phase in ("forward", "inference"):
        owner = max((path for path in types if f"{tensor}.".startswith(f"{path}.")), key=len)
        yield types[owner], "forward"
        return
    if phase == "loss":
        yield spec.loss.kind, "forward"
        return
    if tensor == "d input":
        yield from ((part, "input gradient") for part in {*types.values(), spec.loss.kind})
        return
    column = "parameter gradients" if phase == "backward" else "slots" if " of " in tensor else "update"
    name = tensor.rpartition(" ")[2]
    owner = max((path for path in types if name.startswith(f"{path}.")), key=len)
    yield types[owner], column
    # What a block holds is the block's, every update the optimizer's, every gradient the loss's.
    yield from ((types[path], column) for path in types if owner.startswith(f"{path}."))
    yield (spec.optimizer.kind if phase == "update" else spec.loss.kind), column


def measure(progress: Callable[[str], None]) -> dict[Cell, float]:
    """Run every case and return the largest error, in noise floors, of every cell that has one."""
    worst: dict[Cell, float] = defaultdict(float)
    for number, case in enumerate(CASES, start=1):
        progress(f"{number} of {len(CASES)}: {case.name}")
        spec = with_slots(case.spec)
        report = check(spec, steps=STEPS, batch_size=BATCH, implementations=IMPLEMENTATIONS)
        for verdict in report.verdicts:
            for one in verdict.comparisons:
                if one.answer != "cannot tell":
                    for part, column in columns(spec, one):
                        cell = part, one.implementation, column, verdict.dtype
                        worst[cell] = max(worst[cell], one.ratio)
    return worst


def why_empty(part: str, column: str) -> str:
    """Return why a part has nothing in a column."""
    if part in LAYERS and column in ("parameter gradients", "update", "slots"):
        return "no parameters"
    if part in LAYERS and column == "input gradient":
        return "takes indices"
    if part in LOSSES:
        return "not its own"
    if part in OPTIMIZERS:
        return "keeps none" if column == "slots" else "not its own"
    raise LookupError(f"{part}: nothing was measured for {column}")


def page(worst: dict[Cell, float]) -> str:
    """Return the page."""
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    lines = [
        "# Every part, every implementation",
        "",
        f"The largest error over {len(CASES)} cases of {STEPS} steps, in noise floors: float64 / float32. Up to "
        f"{K:g} is rounding; 1 is what the reference's own rounding does. Measured with {versions}; "
        "`python parity_tests/coverage_table.py` writes this page anew.",
    ]
    for title, parts in (("Layers", LAYERS), ("Losses", LOSSES), ("Optimizers", OPTIMIZERS)):
        lines += ["", f"## {title}", "", f"| | implementation | {' | '.join(COLUMNS)} |", "| --- " * 7 + "|"]
        lines += [_row(worst, part, who) for part in sorted(parts) for who in IMPLEMENTATIONS]
    return "\n".join(lines) + "\n"


def _row(worst: dict[Cell, float], part: str, who: str) -> str:
    cells = []
    for column in COLUMNS:
        found = [worst.get((part, who, column, dtype)) for dtype in ("float64", "float32")]
        cells.append(" / ".join(f"{v:.2f}" for v in found if v is not None) or why_empty(part, column))
    return f"| {part if who == IMPLEMENTATIONS[0] else ''} | {who} | {' | '.join(cells)} |"


def main(progress: Callable[[str], None] = lambda message: None) -> None:
    """Write the page."""
    text = page(measure(progress))
    with replacing(TABLE) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main(lambda message: print(message, file=sys.stderr))
