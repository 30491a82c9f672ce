"""Layers that the code computes neuron by neuron, without products of arrays: who shares inputs is one layer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import numpy as np

from backproof.doctor.infer.activations import Activation
from backproof.doctor.infer.links import Augmented, Chain, Link, Pass, Place, less, without_ones
from backproof.doctor.infer.runs import Run, apart, runs
from backproof.doctor.infer.sums import Neuron, neurons
from backproof.doctor.infer.values import Values, equal, matches
from backproof.fields import Array

LOOKED_AT = 1500
"""How many sums are looked at to find the layers."""

SOME = 4
"""How many chains are offered."""

RUNS = 240
"""How many runs of these."""

BETWEEN = 4
"""Within how many runs of sums the next layer follows."""

SOON = 1500
"""Within how many events after z its activation is looked for."""

TELLING = 12
"""How many passes tell a function."""

FEW = 6
"""How many sights of a sum are looked at for what is made of it."""

NEAR = 20
"""How many sights of an array are looked at for its name."""

RARE = 0.1
"""What is seen less than a tenth as often as the commonest is no forward pass, but fits one by chance."""

KINDS = ("Name", "Attribute", "Subscript", "store")


@dataclass(frozen=True)
class Stage:
    """A layer at one forward pass: its run, and which factor of each term is the weight, as far as it is known."""

    run: Run
    weights: tuple[int, ...] | None
    ones: Augmented = None
    functions: tuple[int, ...] = ()
    """The numbers of the functions that may follow, judged by what the next layer takes."""


Path = tuple[Stage, ...]


def find(values: Values, functions: tuple[Activation, ...]) -> Iterator[Chain]:
    """Yield the chains of layers that are computed neuron by neuron, the best first."""
    for single in (False, True):
        seen = list(islice(runs(values, islice(neurons(values, single), LOOKED_AT)), RUNS))
        groups: dict[tuple[tuple[int, int], ...], list[Path]] = {}
        for number in range(len(seen)):
            path = _longest(seen, number, functions)
            groups.setdefault(tuple(stage.run.size for stage in path), []).append(path)
        ranked = sorted(
            (paths for paths in groups.values() if len(paths) > 1),
            key=lambda paths: (-len(paths[0]), paths[0][0].run.neurons[0].begun),
        )
        chains = [chain for paths in ranked[:SOME] if (chain := _chain(values, paths, functions, single))]
        yield from chains
        if chains:
            return


def _longest(seen: Sequence[Run], number: int, functions: tuple[Activation, ...]) -> Path:
    """Return the layers that follow each other from a run on."""
    path = [Stage(seen[number], None)]
    position = number
    while True:
        following = _next(seen, position, functions)
        if following is None:
            return tuple(path)
        position, stage, fitting = following
        path[-1] = replace(path[-1], functions=fitting)
        path.append(stage)


def _next(
    seen: Sequence[Run], position: int, functions: tuple[Activation, ...]
) -> tuple[int, Stage, tuple[int, ...]] | None:
    """Return the run that takes what one yields, and by which functions; −1 stands for none."""
    run = seen[position]
    outputs = _outputs(run.z, functions)
    for later in range(position + 1, min(position + 1 + BETWEEN, len(seen))):
        other = seen[later]
        for where in _possible(other, len(run.neurons)):
            fitting = {
                number: weights
                for number, a in outputs.items()
                if other.could_take(a, where) and (weights := other.taking(_with_ones(a, where))) is not None
            }
            if fitting:
                return later, Stage(other, next(iter(fitting.values())), where), tuple(fitting)
    return None


def _outputs(z: Array, functions: tuple[Activation, ...]) -> dict[int, Array]:
    """Return z as it is (−1) and under each function, but for values that any data may be: zeros and ones."""
    found = {-1: z} | {number: function.value(z) for number, function in enumerate(functions)}
    return {number: a for number, a in found.items() if not np.all((a == 0) | (a == 1))}


def _possible(run: Run, G: int) -> Iterator[Augmented]:
    """Yield whether G outputs can be what a run takes: all of it, or but for a one at the beginning or the end."""
    first = run.neurons[0]
    if len(run.shared) == G:
        yield None
    elif len(run.shared) == G + 1:
        if np.all(first.left[0] == 1) or np.all(first.right[0] == 1):
            yield "first"
        if np.all(first.left[-1] == 1) or np.all(first.right[-1] == 1):
            yield "last"


def _with_ones(a: Array, where: Augmented) -> Array:
    if where is None:
        return a
    ones = np.ones((len(a), 1))
    return np.hstack([ones, a] if where == "first" else [a, ones])


def _chain(values: Values, paths: Sequence[Path], functions: tuple[Activation, ...], single: bool) -> Chain | None:
    """Return the chain that passes of one size have in common."""
    if len(paths[0]) == 1 and _one_neuron(paths):
        paths = [(Stage(one, None),) for path in paths for one in apart(path[0].run)]
    paths = _common(values, paths)
    factors = _weights_of_first([path[0].run for path in paths])
    if factors is None:
        return None
    last = _last_function(values, paths, functions)
    if single and last is None:
        return None
    path = paths[0]
    chosen: list[Activation | None] = []
    for layer in range(len(path) - 1):
        counts = {n: sum(n in p[layer].functions for p in paths) for p in paths for n in p[layer].functions}
        best = max(counts, key=lambda n: (counts[n], n == -1, -n))
        chosen.append(functions[best] if best >= 0 else None)
    chosen.append(last)
    links = []
    x: Array | None = None
    for layer, (stage, function) in enumerate(zip(path, chosen, strict=True)):
        given, W, b = stage.run.split(factors if layer == 0 else stage.weights or ())
        x = given if layer == 0 else without_ones(given)[0] if stage.ones else given
        biased = any(
            np.any(p[layer].run.split(factors if layer == 0 else p[layer].weights or ())[2]) for p in paths
        )
        biased = biased or any(one.biases for p in paths for one in p[layer].run.neurons)
        sides = factors if layer == 0 else stage.weights or ()
        links.append(_link(values, stage, sides, function, x, W, b if biased else None))
    if len(links) > 1 and all(link.augmented for link in links[1:]):
        bare, augmented = without_ones(links[0].x)
        if augmented:
            links[0] = replace(links[0], x=bare, augmented=augmented, bias=None)
    sites = tuple(
        frozenset[int]().union(*(p[layer].run.sites(values) for p in paths)) for layer in range(len(path))
    )
    place = _place(values, links[0].x, path[0].run.neurons[0].operands[1 - factors[0]])
    return Chain(tuple(links), place, sites, factors)


def _common(values: Values, paths: Sequence[Path]) -> Sequence[Path]:
    """Return the passes that stand where most do: at the start an update, too, can yield what a layer takes."""
    places = [tuple(stage.run.sites(values) for stage in path) for path in paths]
    counts = Counter(places)
    least = RARE * max(counts.values())
    return [path for path, place in zip(paths, places, strict=True) if counts[place] >= least]


def _one_neuron(paths: Sequence[Path]) -> bool:
    """Return whether what neurons share at a pass are their weights: it changes, and what differs never does."""
    first = [path[0].run.neurons for path in paths]
    for side in (0, 1):
        shared = np.all(np.logical_and.reduce([path[0].run.shared[:, side] for path in paths]))
        factors = [np.array([(one.right, one.left)[side] for one in run]) for run in first]
        own = [(run[0].left, run[0].right)[side] for run in first]
        if (
            shared
            and all(np.array_equal(factors[0], f) for f in factors)
            and not all(np.array_equal(own[0], w) for w in own)
        ):
            return len(first[0]) > 1
    return False


def _link(
    values: Values,
    stage: Stage,
    weights: Sequence[int],
    function: Activation | None,
    x: Array,
    W: Array,
    b: Array | None,
) -> Link:
    run = stage.run
    first, ended = run.neurons[0], run.neurons[-1].time
    z = run.z
    a = z if function is None else function.value(z)
    weight = _place(values, W, first.operands[weights[0]])
    bias = None
    if b is not None:
        bias = _place(values, b.reshape(1, -1), max((t for n in run.neurons for t in n.biases), default=ended))
    out = Place(int(values.recording.event_sites[ended]))
    if function is not None:
        sight = values.seen(a, ended, ended + SOON) or values.seen(a[:, -1:], ended, ended + SOON)
        out = out if sight is None else Place(int(values.recording.event_sites[sight[0]]))
    return Link(weight, bias, stage.ones, function, out, first.begun, ended, x, z, a, len(run.neurons))


def _place(values: Values, wanted: Array, time: int) -> Place:
    """Return where the code has an array of which it took an entry at a time.

    That is what the entry was taken from, or any place with that array shortly before, else where the entry was.
    """
    recording = values.recording
    here: int | None = time
    while here is not None:
        how = matches(values.array(here), wanted)
        if how and wanted.size > 1:
            return Place(int(recording.event_sites[here]), how == "flipped")
        site = int(recording.event_sites[here])
        inner = recording.children.get(site, [])[:1] if recording.sites[site].kind == "Subscript" else []
        here = values.latest(inner[0], here) if inner else None
    found: list[tuple[int, bool]] = []
    if wanted.size > 1 and not np.all(wanted == wanted.ravel()[0]):
        for content, flipped in values.find(wanted):
            times = recording.of_content.get(content, np.zeros(0, int))
            near = times[: int(np.searchsorted(times, time, "right"))][-NEAR:]
            named = [int(t) for t in near if recording.sites[int(recording.event_sites[t])].kind in KINDS]
            found += [(t, flipped) for t in named[-1:]]
    last, flipped = max(found, default=(time, False))
    return Place(int(recording.event_sites[last]), flipped)


def _weights_of_first(first: Sequence[Run]) -> tuple[int, ...] | None:
    """Return which factor of each of the first layer's terms is the weight.

    Inputs are shared by a layer's neurons. Where there is a single neuron, they are what comes back after
    something else was there, or never changes, and else what changes more.
    """
    inputs = np.logical_and.reduce([run.shared for run in first])
    if not np.all(inputs.any(axis=1)):
        return None
    known = np.where(inputs[:, 0] & inputs[:, 1], -1, np.where(inputs[:, 0], 1, 0))
    if np.all(known >= 0):
        return tuple(int(side) for side in known)
    left = np.array([run.neurons[0].left[:, 0] for run in first])
    right = np.array([run.neurons[0].right[:, 0] for run in first])
    guess = 1 if _like_data(left) > _like_data(right) else 0
    return tuple(int(side) if side >= 0 else guess for side in known)


def _like_data(series: Array) -> tuple[int, float]:
    """Return how much values (passes, F) look like data: whether they come back, and how much they jump."""
    back = 0
    earlier: set[bytes] = set()
    for previous, now in pairwise(series):
        earlier.add(previous.tobytes())
        back += not np.array_equal(previous, now) and now.tobytes() in earlier
    if np.all(series == series[0]):
        return 1, 0.0
    jumps = np.abs(np.diff(series, axis=0)).mean() / max(float(np.ptp(series, axis=0).mean()), 1e-300)
    return int(back > 0), float(jumps)


def _last_function(values: Values, paths: Sequence[Path], functions: tuple[Activation, ...]) -> Activation | None:
    """Return the function of the last sums whose value was seen soon after them, or None if there is none."""
    best: Activation | None = None
    most = 0
    for function in functions:
        hits = misses = 0
        for path in paths[:TELLING]:
            seen = _follows(values, path[-1].run, function)
            hits, misses = hits + (seen is True), misses + (seen is False)
        if hits > most and hits >= 4 * misses:
            best, most = function, hits
    return best


def _follows(values: Values, run: Run, function: Activation) -> bool | None:
    """Return whether a function's value was seen after each sum of a run; None if it would say nothing."""
    z, a = run.z, function.value(run.z)
    if not np.all(np.isfinite(a)) or equal(a, z):
        return None
    telling = 0
    for g, one in enumerate(run.neurons):
        mine = a[:, g : g + 1]
        if equal(mine, z[:, g : g + 1]):
            continue
        telling += 1
        if np.all((mine == 0) | (mine == 1)):
            if not _made_of(values, one, mine):
                return False
        elif values.seen(mine, one.time, run.neurons[-1].time + SOON) is None:
            return False
    return telling > 0


def _made_of(values: Values, neuron: Neuron, a: Array) -> bool:
    """Return whether an expression of a sum itself has a value that is seen everywhere, as max(0, z) has 0."""
    recording = values.recording
    sights = (
        values.number(float(neuron.z[0]), neuron.time, neuron.time + SOON)[:FEW]
        if neuron.z.size == 1
        else recording.of_content[int(recording.event_contents[neuron.time])].tolist()
    )
    for sight in sights:
        user = values.users(sight) if neuron.time <= sight < neuron.time + SOON else None
        if (
            user is not None
            and values.array(user).size == a.size
            and np.array_equal(values.array(user).ravel(), a.ravel())
        ):
            return True
    return False


def passes(values: Values, chain: Chain) -> Iterator[Pass]:
    """Yield the forward passes of a chain that was found here, in the order of time."""
    sizes = [(link.x.shape[1] + (link.augmented is not None), link.units) for link in chain.links]
    begun: list[Run] = []
    found = runs(values, neurons(values, single=any(size[0] == 1 for size in sizes)))
    if sizes == [(sizes[0][0], 1)]:
        found = (one for run in found for one in apart(run))
    for run in found:
        layer = len(begun)
        if not _belongs(values, run, chain, sizes, layer):
            if layer and not _belongs(values, run, chain, sizes, 0):
                continue
            begun, layer = [], 0
            if not _belongs(values, run, chain, sizes, 0):
                continue
        begun.append(run)
        if len(begun) == len(sizes):
            one_pass = _passed(chain, begun)
            begun = []
            if one_pass is not None:
                yield one_pass


def _belongs(values: Values, run: Run, chain: Chain, sizes: Sequence[tuple[int, int]], layer: int) -> bool:
    return run.size == sizes[layer] and run.sites(values) <= chain.sites[layer]


def _passed(chain: Chain, stages: Sequence[Run]) -> Pass | None:
    """Return the pass that runs make, or None if one does not take what the one before it yields."""
    weights: list[Array] = []
    biases: list[Array | None] = []
    zs: list[Array] = []
    activations: list[Array] = []
    given: Array | None = None
    for run, link in zip(stages, chain.links, strict=True):
        if given is None:
            sides: tuple[int, ...] | None = chain.factors
        else:
            sides = run.taking(_with_ones(activations[-1], link.augmented))
        if sides is None:
            return None
        x, W, b = run.split(sides)
        if link.augmented:
            x = less(x, link.augmented)
            W, b = (W[1:], W[0]) if link.augmented == "first" else (W[:-1], W[-1])
        if given is None:
            given = x
        z = run.z
        weights.append(W)
        biases.append(b if link.augmented or link.bias else None)
        zs.append(z)
        activations.append(z if link.activation is None else link.activation.value(z))
    assert given is not None
    first, last = stages[0].neurons[0].begun, stages[-1].neurons[-1].time
    return Pass(first, last, given, tuple(weights), tuple(biases), tuple(zs), tuple(activations))
