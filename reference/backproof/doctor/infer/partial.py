"""Whether the layers that were read are all, or what they take is computed with other trained arrays."""

from collections.abc import Sequence

import numpy as np

from backproof.doctor.infer.lasting import update_times, updated
from backproof.doctor.infer.links import Chain
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.values import Values, rows

FEW = 4
LOOKED = 4000
"""How many events before a forward pass are looked through."""


def unread(values: Values, chain: Chain, steps: Sequence[Step]) -> list[str]:
    """Return the trained arrays that are read between an update and the input of the layers that were read.

    A network's input is data: nothing that is trained goes into it.
    """
    if chain.by_index:
        return []
    recording = values.recording
    updates = update_times(values)
    start, stop = steps[0].begun, steps[-1].ended
    trained = {
        text
        for text, places in updated(values).items()
        if sum(_between(values, place, start, stop) for place in places) > 1  # data are prepared once
    }
    own = {recording.sites[place.site].text for link in chain.links for place in (link.weight, link.bias) if place}
    found: dict[str, None] = {}
    for step in steps[1:FEW]:
        begun = step.passes[0].begun
        position = int(np.searchsorted(updates, begun)) - 1
        if position < 0:
            continue
        known = _own(values, step)
        for time in range(max(int(updates[position]) + 1, begun - LOOKED), begun):
            site = recording.sites[int(recording.event_sites[time])]
            content = int(recording.event_contents[time])
            if site.kind == "store" or content < 0 or values.contents[content].size < 2:
                continue
            if site.text in trained and site.text not in own and content not in known:
                found.setdefault(site.text)
    return list(found)


def _between(values: Values, place: int, start: int, stop: int) -> int:
    times = values.recording.of_site.get(place, np.zeros(0, int))
    return int(np.sum((times >= start) & (times < stop)))


def _own(values: Values, step: Step) -> set[int]:
    """Return the contents that are weights or biases of the layers that were read."""
    arrays = [rows(w) for one in (step.passes[0],) for w in (*one.weights, *one.biases) if w is not None]
    return {content for array in arrays for content, _ in values.find(array)}
