"""Dense layers that the code computes by matrix products: x @ W, np.dot(W, x) and their kind."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from backproof.doctor.infer.activations import Activation
from backproof.doctor.infer.links import Link, Place, without_ones
from backproof.doctor.infer.values import Values, equal, matches
from backproof.doctor.recording import Site
from backproof.fields import Array

FUNCTIONS = {"dot", "matmul", "inner", "einsum", "tensordot", "vdot", "multi_dot"}
CERTAIN = ("MatMult", "dot", "matmul")
"""What is a product of matrices whenever the shapes fit."""

ELEMENTWISE = ("Mult", "multiply")
FREE = ("einsum", "inner", "tensordot", "sum")
"""What may turn its operands over."""

AT_ONCE = 400
"""How many products are looked at: the first steps of any training have fewer."""

PER_SITE = 24
NAMES = {"relu": ("maximum", "relu", "ReLU", "clip", "where"), "sigmoid": ("sig", "logistic"), "tanh": ("tanh",)}
"""What the text of an expression has in it that is one of these functions."""

FEW = 6
SOON = 4000
"""Within how many events after z its activation is looked for."""


@dataclass(frozen=True)
class Product:
    """One product read one way: x (N, F) times a weight, which is z (N, G), without a bias so far.

    `flipped` says whether the code has z as (G, N).
    """

    time: int
    input: Place
    weight: Place
    x: Array
    shape: tuple[int, ...]
    z: Array
    flipped: bool = False


@cache
def operation(site: Site) -> str:
    """Return the operator's class name in `ast`, or the last part of the called function's name."""
    try:
        node = ast.parse(site.text, mode="eval").body
    except (SyntaxError, ValueError):
        return ""
    if isinstance(node, ast.BinOp):
        return type(node.op).__name__
    if isinstance(node, ast.Call):
        return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return ""


def product_times(values: Values) -> list[int]:
    """Return when products were made, in order: the first few of every place in the code."""
    recording = values.recording
    found: list[int] = []
    for number, site in enumerate(recording.sites):
        if site.kind not in ("BinOp", "Call") or number not in recording.of_site:
            continue
        name = operation(site)
        if (site.kind == "BinOp" and name in ("MatMult", "Mult")) or name in FUNCTIONS or _summed(values, number):
            found += [int(t) for t in recording.of_site[number][:PER_SITE]]
    return sorted(found)


def _summed(values: Values, site: int) -> bool:
    """Return whether a place sums up an elementwise product, as np.sum(W * x, axis=1) does."""
    sites = values.recording.sites
    children = values.recording.children.get(site, [])
    return operation(sites[site]) == "sum" and bool(children) and operation(sites[children[0]]) in ELEMENTWISE


def read(values: Values, time: int) -> Iterator[Product]:
    """Yield the ways in which a product can be that of a dense layer: its weight on the right, or on the left."""
    site = int(values.recording.event_sites[time])
    name = operation(values.recording.sites[site])
    operands = values.operands(time)
    if name == "sum" and operands:
        operands = values.operands(operands[0])
    if len(operands) < 2:
        return
    left, right = operands[0], operands[-1]
    L, R, result = values.array(left), values.array(right), values.array(time)
    if not (1 <= L.ndim <= 2 and 1 <= R.ndim <= 2) or min(L.size, R.size) == 0:
        return
    sites = values.recording.event_sites
    for x, W, turned, of_x, of_W in _readings(name, left, right, L, R):
        rows = x if x.ndim == 2 else x.reshape(1, -1)
        matrix = W if W.ndim == 2 else W.reshape(-1, 1)
        if rows.shape[1] != matrix.shape[0] or result.size != rows.shape[0] * matrix.shape[1]:
            continue
        z = result.T if turned[2] and result.ndim == 2 else result
        z = z.reshape(rows.shape[0], matrix.shape[1])
        if name not in CERTAIN:
            with np.errstate(all="ignore"):
                if not equal(rows @ matrix, z):
                    continue
        # A vector has no orientation; what is said of it is what its partner's layout says.
        yield Product(
            time,
            Place(int(sites[of_x]), turned[0]),
            Place(int(sites[of_W]), turned[1]),
            rows,
            values.array(of_W).shape,
            z,
            turned[2],
        )


def _readings(
    name: str, left: int, right: int, L: Array, R: Array
) -> Iterator[tuple[Array, Array, tuple[bool, bool, bool], int, int]]:
    """Yield x, W, which of x, W and z lie the other way round, and when x and W were evaluated."""
    yield L, R, (False, False, False), left, right
    yield R.T, L.T, (True, True, True), right, left
    if name in FREE and max(L.ndim, R.ndim) == 2:
        yield L, R.T, (False, True, False), left, right  # np.inner(X, W)
        yield R, L.T, (False, True, False), right, left  # np.sum(W * x, axis=1)
        yield R, L, (False, False, False), right, left
        yield L.T, R.T, (True, True, True), left, right
        yield R.T, L, (True, False, True), right, left


def sums(values: Values, product: Product) -> Iterator[tuple[int, Place | None, Array]]:
    """Yield (time, bias, z + b) for every vector that is added to a product soon after."""
    recording = values.recording
    content = int(recording.event_contents[product.time])
    sights = [product.time]
    if content >= 0:
        times = recording.of_content.get(content, np.zeros(0, int))
        start = int(np.searchsorted(times, product.time))
        sights = [int(t) for t in times[start : start + 6]]
    seen = set()
    for sight in sights:
        for time, bias_time in _added(values, sight):
            if time in seen:
                continue
            seen.add(time)
            bias, total = values.array(bias_time), values.array(time)
            if bias.size not in (1, product.z.shape[1]) or total.size != product.z.size:
                continue
            with np.errstate(all="ignore"):
                wanted = product.z + bias.ravel()
            found = total.T if product.flipped and total.ndim == 2 else total
            if equal(wanted, found.reshape(wanted.shape)):
                yield time, Place(int(recording.event_sites[bias_time])), wanted


def _added(values: Values, sight: int) -> Iterator[tuple[int, int]]:
    """Yield (time of the sum, time of the other summand) for sums with what was seen at `sight`."""
    recording = values.recording
    user = values.users(sight)
    if user is not None:
        site = recording.sites[int(recording.event_sites[user])]
        if operation(site) in ("Add", "add"):
            for operand in values.operands(user):
                if operand != sight:
                    yield user, operand
        return
    # z += b: the next thing that the same name holds is the sum.
    name = recording.sites[int(recording.event_sites[sight])]
    for later in range(sight + 1, min(sight + 8, len(recording))):
        site = recording.sites[int(recording.event_sites[later])]
        if site.kind == "store" and site.text == name.text and site.line == name.line:
            for other in range(sight + 1, later):
                yield later, other
            return


def links(values: Values, product: Product, functions: tuple[Activation, ...]) -> Iterator[Link]:
    """Yield the layers that a product can be part of: with each bias added to it, and each function of that."""
    biased: list[tuple[int, Place | None, Array]] = list(sums(values, product))
    for time, bias, z in biased or [(product.time, None, product.z)]:
        shared = (product.weight, bias, None)
        site = int(values.recording.event_sites[time])
        plain = Place(site, product.flipped)
        for function in functions:
            a = function.value(z)
            if not np.all(np.isfinite(a)) or (equal(a, z) and np.any(z)):
                continue
            if np.all((a == 0) | (a == 1)):  # values that are everywhere
                sight = _made_of(values, time, function, a)
            else:
                sight = values.seen(a, product.time, product.time + SOON)
            if sight is not None:
                out = Place(int(values.recording.event_sites[sight[0]]), sight[2])
                yield Link(*shared, function, out, product.time, sight[0], product.x, z, a, z.shape[1])
        yield Link(*shared, None, plain, product.time, time, product.x, z, z, z.shape[1])


def _made_of(values: Values, time: int, function: Activation, a: Array) -> tuple[int, int, bool] | None:
    """Return the sight of a function's value as an expression of z itself, whose text has to say which it is."""
    recording = values.recording
    content = int(recording.event_contents[time])
    if content < 0:
        return None
    words = NAMES.get(function.type, (function.type,))
    times = recording.of_content[content]
    for sight in times[int(np.searchsorted(times, time)) :][:FEW]:
        user = values.users(int(sight))
        if user is None or not any(
            word in recording.sites[int(recording.event_sites[user])].text for word in words
        ):
            continue
        how = matches(values.array(user), a)
        if how is not None:
            return user, int(recording.event_contents[user]), how == "flipped"
    return None


def feeds(link: Link, product: Product) -> bool:
    """Return whether a layer's output is what a later product takes: as it is, or with a column of ones."""
    if product.time < link.ended or len(product.x) != len(link.a):
        return False
    if product.x.shape == link.a.shape:
        return equal(link.a, product.x)
    bare, augmented = without_ones(product.x)
    return augmented is not None and bare.shape == link.a.shape and equal(link.a, bare)
