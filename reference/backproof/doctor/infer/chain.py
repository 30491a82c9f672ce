"""The layers that hang together: each takes what the one before it yields."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backproof.doctor.infer import products
from backproof.doctor.infer.activations import Activation
from backproof.doctor.infer.links import Augmented, Link, Place, without_ones
from backproof.doctor.infer.products import Product
from backproof.doctor.infer.values import Values

DEEPEST = 12


@dataclass(frozen=True)
class Chain:
    """The layers of a network from the first to the last, and where its input stands."""

    links: tuple[Link, ...]
    input: Place
    by_index: bool = False
    """Whether it was found without products: sums over indices."""

    @property
    def augmented(self) -> Augmented:
        """Where a weight matrix holds the bias."""
        return self.links[0].augmented


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
    chains.sort(key=lambda c: (-len(c.links), -_named_functions(c), c.links[0].begun))
    first = {}
    for chain in chains:
        first.setdefault(tuple((k.weight, k.bias, k.activation and k.activation.type) for k in chain.links), chain)
    return list(first.values())


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
