"""The layers that hang together: each takes what the one before it yields."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from backproof.doctor.infer import indices, products
from backproof.doctor.infer.activations import Activation
from backproof.doctor.infer.links import Chain, Link, without_ones
from backproof.doctor.infer.values import Values
from backproof.doctor.recording import SCALAR

__all__ = ["Chain", "find"]

DEEPEST = 12
EARLY = 20000
"""How many events tell how a script computes."""


def varies(values: Values, site: int, shape: tuple[int, ...]) -> bool:
    """Return whether different arrays of a shape were seen at a site."""
    recording = values.recording
    found = np.unique(recording.event_contents[recording.of_site[site]])
    return sum(1 for content in found if content >= 0 and values.contents[content].shape == shape) > 1


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
    changing = {key for key in {(p.weight.site, p.shape) for p in read} if varies(values, *key)}
    kept = [p for p in read if (p.weight.site, p.shape) in changing][: products.AT_ONCE]
    found: dict[int, list[Link]] = {}

    def links(number: int) -> list[Link]:
        if number not in found:
            found[number] = list(products.links(values, kept[number], functions))
        return found[number]

    def longest(number: int, depth: int) -> list[list[Link]]:
        """Return the longest chains that begin with a product."""
        best: list[list[Link]] = []
        for link in links(number):
            chains = [[link]]
            if depth < DEEPEST:
                following = [n for n in range(number + 1, len(kept)) if products.feeds(link, kept[n])][:3]
                for n in following:
                    bare, augmented = without_ones(kept[n].x)
                    held = augmented if kept[n].x.shape != link.a.shape else None
                    for rest in longest(n, depth + 1):
                        chains.append(
                            [link, replace(rest[0], augmented=held, x=bare if held else rest[0].x), *rest[1:]]
                        )
            best += chains
        length = max((len(chain) for chain in best), default=0)
        return [chain for chain in best if len(chain) == length]

    chains: list[Chain] = []
    for number in range(len(kept)):
        for chain in longest(number, 1)[:4]:
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
    bare, augmented = without_ones(first.x)
    if augmented is None or first.bias is not None:
        return chain
    deeper = [link.augmented for link in chain.links[1:]]
    if (deeper and all(deeper)) or (not deeper and any(True for _ in values.find(bare))):
        return replace(chain, links=(replace(first, augmented=augmented, x=bare), *chain.links[1:]))
    return chain
