"""Whether an array is kept from step to step, as a weight is, or computed anew, as an activation is."""

from collections.abc import Sequence

import numpy as np

from backproof.doctor.infer.chain import Chain
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.values import Values, rows

BACK = 600
"""How many events before its first sight an array's predecessor is looked for."""

FEW = 3

HOPS = 2
"""Through how many statements more an update may go."""


def kept(values: Values, chain: Chain, steps: Sequence[Step]) -> bool:
    """Return whether every weight of a chain is made of its predecessor, in one statement, where it changes.

    Entries that are updated one by one make many arrays in between: of such nothing is asked.
    """
    if chain.by_index:
        return True
    for link in chain.links:
        for step in steps[:FEW]:
            before = values.latest(link.weight.site, step.passes[-1].ended + 1)
            after = values.latest(link.weight.site, step.after.ended + 1)
            if before is None or after is None:
                continue
            old, new = (int(values.recording.event_contents[t]) for t in (before, after))
            if old != new and not _follows(values, old, new):
                return False
    return True


def _follows(values: Values, old: int, new: int, hops: int = HOPS) -> bool:
    """Return whether the statement that first yields one content, in any orientation, uses another.

    Or whether there was something in between, some entries of which were still the old ones; or whether it uses
    one that does: an update in two statements.
    """
    recording = values.recording
    sights = [(t, c) for c, _ in values.find(rows(values.contents[new])) if (t := values.first(c)) is not None]
    if not sights:
        return False
    first, _ = min(sights)
    predecessors = {content for content, _ in values.find(rows(values.contents[old]))} | {old}
    made = recording.sites[int(recording.event_sites[first])]
    same_statement = True
    used: set[int] = set()
    for time in range(first - 1, max(first - BACK, -1), -1):
        site = recording.sites[int(recording.event_sites[time])]
        # What a statement calls stands in other functions; another line of this one is another statement.
        same_statement &= (site.file, site.function) != (made.file, made.function) or site.line == made.line
        content = int(recording.event_contents[time])
        if content in predecessors:
            return same_statement or any(_follows(values, old, other, hops - 1) for other in used if hops)
        if _between(values, content, old, new):
            return True
        if same_statement and content >= 0 and values.contents[content].shape == values.contents[new].shape:
            used.add(content)
    return False


def _between(values: Values, content: int, old: int, new: int) -> bool:
    """Return whether some entries of an array are old ones and the others new."""
    if content < 0:
        return False
    array, before, after = (values.contents[c] for c in (content, old, new))
    if not array.shape == before.shape == after.shape:
        return False
    is_old, is_new = array == before, array == after
    return bool(np.all(is_old | is_new)) and bool(np.any(is_old & ~is_new)) and bool(np.any(is_new & ~is_old))
