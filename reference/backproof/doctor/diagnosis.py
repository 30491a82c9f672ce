"""What a diagnosis says: which tensors are right, and which mistake explains those that are not."""

from dataclasses import dataclass
from typing import Literal

from backproof.mistakes import Mistake
from backproof.spec import ModelSpec
from backproof.step import Phase

Answer = Literal["right", "wrong", "cannot tell"]


@dataclass(frozen=True)
class Match:
    """One of the user's arrays, and what it turned out to be: `factor` · (its transpose, where `transposed`).

    `user` is the user's own name for it (a key, or a position such as "[2]"), `name` the canonical one.
    `squarely` is whether values, not the shape alone, decided on the transposition or the order.
    """

    user: str
    name: str
    transposed: bool = False
    factor: float = 1.0
    squarely: bool = False


@dataclass(frozen=True)
class Judged:
    """One tensor of the user's against the reference: its relative error, and what could be told apart."""

    step: int
    phase: Phase
    name: str
    answer: Answer
    error: float
    """The largest difference over the largest entry of the right tensor."""
    ratio: float
    """The largest difference in noise floors."""


@dataclass(frozen=True)
class Pattern:
    """How a wrong tensor relates to the right one, in a sentence, where a simple relation holds.

    `kind`: zero, constant factor, transposed, another tensor, masked, shifted, per row, per column, permuted, or
    none.
    """

    kind: str
    sentence: str


@dataclass(frozen=True)
class Made:
    """One mistake of the catalogue, made at one layer (None where it belongs to no layer)."""

    mistake: Mistake
    site: int | None
    layer: str
    """The layer's name; "loss", "optimizer" where there is none."""


@dataclass(frozen=True)
class Explanation:
    """Mistakes that together turn the reference into the user's numbers, and how nearly.

    `distance` is the largest difference left over, in noise floors: below K it is rounding.
    """

    mistakes: tuple[Made, ...]
    distance: float
    fits: bool


@dataclass(frozen=True)
class Correction:
    """One line as it stands in the code, and as it should be, in the user's own names."""

    file: str
    line: int
    written: str
    corrected: str | None


@dataclass(frozen=True)
class Diagnosis:
    """The verdict on a backprop.

    `explanations`: those that fit, the simplest first, then the nearest that does not, to show by how much the
    first is nearer. Empty where the backprop is right; none that `fits` where nothing in the catalogue explains
    the numbers: then `pattern` says what can be said of the first wrong tensor.
    """

    answer: Answer
    spec: ModelSpec
    mapping: tuple[Match, ...]
    judged: tuple[Judged, ...]
    explanations: tuple[Explanation, ...] = ()
    pattern: Pattern | None = None
    corrections: tuple[Correction, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def named(self) -> Explanation | None:
        """The simplest explanation that fits."""
        return next((e for e in self.explanations if e.fits), None)

    @property
    def first_wrong(self) -> Judged | None:
        """The first tensor that is wrong, in the order of calculation."""
        return next((j for j in self.judged if j.answer == "wrong"), None)

    @property
    def untold(self) -> tuple[str, ...]:
        """The parameters of whose gradients and updates nothing could be told at any step."""
        answers: dict[str, set[Answer]] = {}
        for one in self.judged:
            if one.phase in ("backward", "update"):
                answers.setdefault(one.name.removeprefix("d ").removeprefix("Δ "), set()).add(one.answer)
        return tuple(name for name in self.spec.parameters if answers.get(name) == {"cannot tell"})

    def __str__(self) -> str:
        """Return the diagnosis in a few lines; `backproof doctor` writes whole reports."""
        if self.answer != "wrong":
            return (
                "the backprop is right"
                if self.answer == "right"
                else "nothing could be told: rounding is all there is"
            )
        lines = []
        if self.named:
            for made in self.named.mistakes:
                mistake = made.mistake
                lines += [
                    f"{mistake.name}, at {made.layer}",
                    f"  as written: {mistake.wrong}",
                    f"  should be:  {mistake.right}",
                ]
        else:
            lines.append("the backprop is wrong, and no mistake of the catalogue explains it")
            lines += [f"  {self.pattern.sentence}"] if self.pattern else []
        if first := self.first_wrong:
            share = f"{100 * first.error:.2g} % of its largest entry"
            lines.append(f"first wrong: {first.name}, step {first.step + 1}, off by {share}")
        rivals = [" and ".join(m.mistake.name for m in e.mistakes) for e in self.explanations if e.fits][1:]
        lines += [f"the same numbers come of: {rival}" for rival in rivals]
        lines += [f"{m.user} is {m.name}{', transposed' if m.transposed else ''}" for m in self.mapping]
        return "\n".join([*lines, *self.notes])
