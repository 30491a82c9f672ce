"""The layers that hang together: each takes what the one before it yields."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from backproof.doctor.infer import indices, products
from backproof.doctor.infer.activations import Activation
from backproof.doctor.infer.lasting import update_times, updated
from backproof.doctor.infer.links import Chain, Link, less, without_ones
from backproof.doctor.infer.products import Product
from backproof.doctor.infer.values import Values, rows
from backproof.doctor.recording import SCALAR

__all__ = ["Chain", "find"]

SOME = 12
"""How many chains of one length are kept that begin with the same product."""

INPUTS = 60
"""How many inputs tell whether a feature is always 1."""

EARLY = 20000
"""How many events tell how a script computes."""


def _weights(values: Values, read: Sequence[Product]) -> set[tuple[int, tuple[int, ...]]]:
    """Return the sites and shapes of factors that change, or that statements update, though in vain."""
    recording = values.recording
    lasting = {text.partition("[")[0] for text in updated(values)}
    found = set()
    for site, shape in {(p.weight.site, p.shape) for p in read}:
        contents = np.unique(recording.event_contents[recording.of_site[site]])
        arrays = sum(content >= 0 and values.contents[content].shape == shape for content in contents)
        name = recording.sites[site].text.removesuffix(".T").partition("[")[0]
        same = [c for c in contents if c >= 0 and values.contents[c].shape == shape]
        if arrays > 1 or (arrays and name in lasting) or any(values.stepped_from(int(c)) for c in same):
            found.add((site, shape))
    return found


def find(values: Values, functions: tuple[Activation, ...], named: Sequence[str] = ()) -> list[Chain]:
    """Return the chains of products in a recording, the best first.

    A chain is the better, the more layers it has whose weights change. Only sites whose text is in `named` count
    as weights, where any are named.
    """
    read = [
        p for time in products.product_times(values)[: products.AT_ONCE * 4] for p in products.read(values, time)
    ]
    if named:
        read = [p for p in read if values.recording.sites[p.weight.site].text.removesuffix(".T") in named]
    changing = _weights(values, read)
    kept = [p for p in read if (p.weight.site, p.shape) in changing][: products.AT_ONCE]
    updates = update_times(values)
    updates = updates[values.recording.event_contents[updates] != SCALAR]
    step = np.searchsorted(updates, [p.time for p in kept])
    found: dict[int, list[Link]] = {}

    def links(number: int) -> list[Link]:
        if number not in found:
            found[number] = list(products.links(values, kept[number], functions))
        return found[number]

    @cache
    def longest(number: int) -> list[list[Link]]:
        """Return some of the longest chains that begin with a product."""
        best: list[list[Link]] = []
        for link in links(number):
            chains = [[link]]
            within = range(number + 1, int(np.searchsorted(step, step[number], "right")))
            following = [n for n in within if products.feeds(link, kept[n])][:3]
            for n in following:
                bare, augmented = without_ones(kept[n].x)
                held = augmented if kept[n].x.shape != link.a.shape else None
                for rest in longest(n):
                    chains.append(
                        [link, replace(rest[0], augmented=held, x=bare if held else rest[0].x), *rest[1:]]
                    )
            best += chains
        length = max((len(chain) for chain in best), default=0)
        return [chain for chain in best if len(chain) == length][:SOME]

    chains: list[Chain] = []
    for number in range(len(kept)):
        for chain in longest(number)[:4]:
            chains.append(_whole(values, Chain(tuple(chain), kept[number].input)))
        if len(chains) > 60:
            break
    if not chains or _number_by_number(values):
        chains += indices.find(values, functions)
    chains.sort(key=lambda c: (-len(c.links), -_named_functions(c), c.links[0].begun))
    unique: dict[tuple[object, ...], Chain] = {}
    for one in chains:
        unique.setdefault(tuple((k.weight, k.bias, k.activation and k.activation.type) for k in one.links), one)
    return list(unique.values())


def _number_by_number(values: Values) -> bool:
    """Return whether a script multiplies many single numbers."""
    recording = values.recording
    contents, sites = recording.event_contents[:EARLY], recording.event_sites[:EARLY]
    times = [
        n for n, site in enumerate(recording.sites) if site.kind == "BinOp" and products.operation(site) == "Mult"
    ]
    return float(np.mean(np.isin(sites, times) & (contents == SCALAR))) > 0.03


def _named_functions(chain: Chain) -> int:
    return sum(link.activation is not None for link in chain.links)


def _whole(values: Values, chain: Chain) -> Chain:
    """Return the chain with the first layer's bias told from a constant feature.

    A column of ones in the input is the bias if the deeper layers have theirs in their weights too, or, in a
    chain of one, if the input was seen without it.
    """
    first = chain.links[0]
    times = values.recording.of_site[chain.input.site][:INPUTS]
    seen = [rows(array.T if chain.input.flipped else array) for array in map(values.array, times)]
    inputs = np.concatenate([first.x, *(x for x in seen if x.shape[1] == first.x.shape[1])])
    _, augmented = without_ones(inputs)  # of one observation any feature may be 1
    bare = less(first.x, augmented)
    if augmented is None or first.bias is not None:
        return chain
    deeper = [link.augmented for link in chain.links[1:]]
    if (deeper and all(deeper)) or (not deeper and any(True for _ in values.find(bare))):
        return replace(chain, links=(replace(first, augmented=augmented, x=bare), *chain.links[1:]))
    return chain
