"""The search for the mistakes that turn the reference into the user's numbers, the simplest first.

The calculation has an order: outputs, gradients from the last layer down, updates; and so step by step. A set of
mistakes is right up to its first tensor that is not the user's. From the empty set on, whatever changes that
tensor is added to the set, and whatever moves the first wrong tensor further on is kept, in the order of how many
different mistakes there are, and then of how many layers they are made in. So the same mistake made in every layer
is found layer by layer, and counts as one. Only where two mistakes spoil the same tensor neither helps alone: then
the pairs of all that change it are tried.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, product
from time import monotonic

import numpy as np

from backproof.doctor.diagnosis import Explanation, Made
from backproof.doctor.evidence import Evidence
from backproof.fields import Array
from backproof.mistakes import CATALOGUE, Mistake, WrongNetwork, compose
from backproof.verdict import K

MOST = 2
"""How many different mistakes at once are looked for."""

RIVALS = 8
"""How many explanations that fit are reported."""

At = tuple[int, int | None]
"""One mistake at one site, by its number in the catalogue."""


@dataclass(frozen=True)
class Found:
    """A set of mistakes: `frontier` of the user's tensors are as they would be with these, the next one is not.

    Those at one site are made in the catalogue's order, or in the reverse.
    """

    made: frozenset[At]
    frontier: int
    distance: float
    reverse: bool = False

    @property
    def simplicity(self) -> tuple[int, int]:
        """How many different mistakes, and at how many sites."""
        return len({number for number, _ in self.made}), len(self.made)


@dataclass
class Search:
    """A search under way."""

    evidence: Evidence
    seconds: float
    most: int = MOST
    catalogue: Sequence[Mistake] = CATALOGUE
    tried: dict[frozenset[At], Found] = field(default_factory=dict)
    cut_short: bool = False

    def __post_init__(self) -> None:
        self.end = monotonic() + self.seconds
        sites = [(number, mistake.sites(self.evidence.spec)) for number, mistake in enumerate(self.catalogue)]
        single = [frozenset({(number, site)}) for number, own in sites for site in own]
        everywhere = [frozenset((number, site) for site in own) for number, own in sites if len(own) > 1]
        self.moves = {move: self._touched(move) for move in (*single, *everywhere)}

    def explanations(self) -> tuple[Explanation, ...]:
        """Return those that fit, the simplest first, then the nearest that does not.

        Where nothing fits, the nearest is what explains most tensors before the first that it does not.
        """
        start = self._try(frozenset())
        fits = self._walk([start])
        if not fits and self.most > 1:
            fits = self._walk(self._pairs(start))
        simplest = [one for one in fits if not any(other.made < one.made for other in fits)]
        nearest = min(
            (one for one in self.tried.values() if one.made and one.frontier < len(self.evidence.seen)),
            key=lambda one: (0 if fits else -one.frontier, one.distance, self._rank(one)),
            default=None,
        )
        ordered = sorted(simplest, key=self._rank)[:RIVALS]
        return tuple(self._explanation(one) for one in (*ordered, *([nearest] if nearest else [])))

    def _walk(self, start: Iterable[Found]) -> list[Found]:
        """Return what fits with the fewest different mistakes, beginning from some sets."""
        queue = [(one.simplicity, -one.frontier, order, one) for order, one in enumerate(start)]
        heapq.heapify(queue)
        order, most = len(queue), self.most
        fits = [one for *_, one in queue if one.frontier == len(self.evidence.seen)]
        while queue and not self._late():
            *_, one = heapq.heappop(queue)
            if one.simplicity[0] > most or one.frontier == len(self.evidence.seen):
                continue
            for more in self._further(one, most):
                if more.frontier == len(self.evidence.seen):
                    fits.append(more)
                    most = min(most, more.simplicity[0])
                elif more.frontier > one.frontier:
                    order += 1
                    heapq.heappush(queue, (more.simplicity, -more.frontier, order, more))
        return [one for one in fits if one.simplicity[0] == most]

    def _further(self, one: Found, most: int) -> Iterator[Found]:
        """Yield the sets with one more mistake, or one more site, that changes the first wrong tensor."""
        for move, touched in self.moves.items():
            made = one.made | move
            if touched[one.frontier] and made not in self.tried and len({number for number, _ in made}) <= most:
                if self._late():
                    return
                yield self._try(made)

    def _pairs(self, start: Found) -> list[Found]:
        """Return the pairs of mistakes that only together make the first wrong tensor the user's.

        At least one must change that tensor by itself; pairs of which both do come first, and those that people
        often make, in case that there is no time for all.
        """
        moves = sorted(self.moves, key=lambda move: -max(self.catalogue[number].common for number, _ in move))
        touching = [move for move in moves if self.moves[move][start.frontier]]
        apart = [move for move in moves if not self.moves[move][start.frontier]]
        found = []
        for one, other in chain(combinations(touching, 2), product(touching, apart)):
            if self._late():
                break
            if one | other not in self.tried:
                found.append(self._try(one | other))
        return [one for one in found if one.frontier > start.frontier]

    def _try(self, made: frozenset[At]) -> Found:
        found = self._made(made, reverse=False)
        if self._ordered(found):
            found = max(found, self._made(made, reverse=True), key=lambda one: one.frontier)
        self.tried[made] = found
        return found

    def _made(self, made: frozenset[At], reverse: bool) -> Found:
        ratios = self.evidence.ratios(compose(self.evidence.spec, self._of(made, reverse)))
        wrong = np.flatnonzero(~(ratios <= K))
        distance = float(np.nanmax(ratios, initial=0.0))
        return Found(made, int(wrong[0]) if len(wrong) else len(ratios), distance, reverse)

    def _ordered(self, one: Found) -> bool:
        """Return whether different mistakes at one site change the first wrong tensor: their order matters."""
        if one.frontier == len(self.evidence.seen):
            return False
        changing = [site for at, site in one.made if self.moves[frozenset({(at, site)})][one.frontier]]
        return len(set(changing)) < len(changing)

    def _touched(self, move: frozenset[At]) -> Array:
        """Return which of the tensors seen a set of mistakes changes."""
        records = list(self.evidence.replay(compose(self.evidence.spec, self._of(move))))
        return np.array(
            [
                not np.array_equal(seen.of(records[seen.step]), seen.of(self.evidence.records[seen.step]))
                for seen in self.evidence.seen
            ]
        )

    def _of(self, made: frozenset[At], reverse: bool = False) -> list[tuple[Mistake, int | None]]:
        ordered = sorted(made, key=lambda at: (at[0], at[1] or 0), reverse=reverse)
        return [(self.catalogue[number], site) for number, site in ordered]

    def _late(self) -> bool:
        self.cut_short = self.cut_short or monotonic() > self.end
        return self.cut_short

    def _rank(self, one: Found) -> tuple[int, int, int, list[int]]:
        """The simplest first; of those, what people do most often."""
        numbers = sorted({number for number, _ in one.made})
        return *one.simplicity, -sum(self.catalogue[number].common for number in numbers), numbers

    def _explanation(self, one: Found) -> Explanation:
        names = self.evidence.spec.layer_names
        made = []
        for mistake, site in self._of(one.made):
            of_loss = type(mistake.make(self.evidence.spec, site)).loss_gradient is not WrongNetwork.loss_gradient
            place = names[site] if site is not None else "loss" if of_loss else "optimizer"
            made.append(Made(mistake, site, place))
        return Explanation(tuple(made), one.distance, one.frontier == len(self.evidence.seen))
