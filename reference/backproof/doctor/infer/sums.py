"""Sums of products computed number by number: s += w[j][i] * x[i], sum(w * x), w1 * x1 + w2 * x2 + b."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backproof.doctor.infer.lasting import base, entry_of, lasting, statements
from backproof.doctor.infer.products import operation
from backproof.doctor.infer.values import FINE, Values
from backproof.doctor.recording import SCALAR
from backproof.fields import Array

Value = float | Array

SETTLED = 4000
"""Events after which nothing more is added to a sum."""

MOST_EVENTS = 1_200_000
ROLES = {
    "Mult": "product",
    "multiply": "product",
    "Add": "sum of two",
    "add": "sum of two",
    "sum": "sum",
    "fsum": "sum",
    "nansum": "sum",
    "dot": "dot",
    "inner": "dot",
    "vdot": "dot",
    "MatMult": "dot",
    "matmul": "dot",
    "sumprod": "dot",
}
LISTS = ("ListComp", "List", "Tuple")


@dataclass(slots=True)
class Form:
    """A sum as it grows: products of two factors, and summands that are no products (a bias).

    `factors` are two numbers, a number and a column (N,), or two vectors whose product is summed up already.
    """

    time: int
    value: Value
    parts: "tuple[Form, ...]" = ()
    factors: tuple[Value, Value] | None = None
    operands: tuple[int, int] = (0, 0)
    vectors: bool = False
    rest: tuple[int, ...] = ()
    used: bool = False


@dataclass(frozen=True, slots=True)
class Neuron:
    """A finished sum z (N,) = Σ left · right + bias; the factors are (F, N), or (F, 1) where they are numbers.

    `operands` tells when the first term's factors were evaluated, `biases` when the summands that are no products.
    """

    begun: int
    time: int
    left: Array
    right: Array
    operands: tuple[int, int]
    bias: float
    biases: tuple[int, ...]
    z: Array


def neurons(values: Values, single: bool = False) -> Iterator[Neuron]:
    """Yield the sums of products in a recording that nothing more is added to, in the order of time.

    `single` keeps a product of two numbers that nothing is added to, too.
    """
    waiting: deque[Form] = deque()
    for form in _Tracer(values).forms():
        while waiting and waiting[0].time < form.time - SETTLED:
            found = _finished(values, waiting.popleft(), single)
            if found is not None:
                yield found
        waiting.append(form)
    for form in waiting:
        found = _finished(values, form, single)
        if found is not None:
            yield found


def _finished(values: Values, form: Form, single: bool) -> Neuron | None:
    if form.used or (form.factors is not None and not form.vectors and not single):
        return None
    left: list[Value] = []
    right: list[Value] = []
    rest: list[int] = []
    begun, operands = form.time, (0, 0)
    stack = [form]
    while stack:
        one = stack.pop()
        rest += one.rest
        if one.factors is not None:
            if one.time <= begun:
                begun, operands = one.time, one.operands
            for own, factor in ((left, one.factors[0]), (right, one.factors[1])):
                own += list(factor) if one.vectors else [factor]  # type: ignore[arg-type]
        stack += reversed(one.parts)
    bias = 0.0
    for time in rest:
        value = values.array(time)
        if value.size != 1:
            return None
        bias += float(value.ravel()[0])
    if not left:
        return None
    a, b = _columns(left), _columns(right)
    if a is None or b is None:
        return None
    return Neuron(
        begun, form.time, a, b, operands, bias, tuple(rest), np.atleast_1d(np.asarray(form.value)).ravel()
    )


def _columns(factors: list[Value]) -> Array | None:
    """Return factors as (F, N)."""
    sizes = {np.size(factor) for factor in factors}
    if len(sizes) > 1:
        return None
    return np.array([np.ravel(factor) for factor in factors])


class _Tracer:
    """Follows the products of a recording through the sums that they are added to."""

    def __init__(self, values: Values) -> None:
        recording = values.recording
        self.values = values
        self.recording, self.contents = recording, values.contents
        self.children = recording.children
        self.roles = [_role(site.kind, operation(site)) for site in recording.sites]
        self.statements = statements(values)
        self.lasting = lasting(values, self.statements)
        self.looked_at = {n for n in self.statements if entry_of(recording.sites, n)}
        entries = {site.text for site in recording.sites if "[" in site.text and site.kind == "store"}
        self.entries: dict[str, list[str]] = {}
        for text in entries:
            self.entries.setdefault(base(text), []).append(text)
        self.last = [-1] * len(recording.sites)
        self.held: dict[str, tuple[Value, Form | None]] = {}
        """What each name, attribute or entry holds: its value, and the sum it is; None if it is no sum."""
        self.since: dict[float, int] = {}
        self.known: dict[float, bool] = {}
        self.added_at: dict[str, int] = {}
        self.recent: dict[float | tuple[int], Form] = {}
        self.at: dict[int, Form] = {}
        """The sum that each site yielded last."""
        self.gathered: dict[int, list[tuple[int, Form | None]]] = {}
        self.elementwise: dict[int, tuple[Array, Array]] = {}
        self.listed: dict[int, list[tuple[int, Form | None]]] = {}
        collecting = {n for n, role in enumerate(self.roles) if role in ("sum", "list")}
        self.collector = [site.parent if site.parent in collecting else None for site in recording.sites]

    def forms(self) -> Iterator[Form]:
        """Yield every sum of products when it is computed."""
        recording, last = self.recording, self.last
        stop = min(len(recording), MOST_EVENTS)
        for start in range(0, stop, 1 << 14):
            sites = recording.event_sites[start : min(start + (1 << 14), stop)].tolist()
            for time, site in enumerate(sites, start):
                last[site] = time
                role = self.roles[site]
                form = None
                if role is not None:
                    form = self._form(role, site, time)
                    if form is not None:
                        yield form
                collector = self.collector[site]
                if collector is not None:
                    self.gathered.setdefault(collector, []).append((time, form))

    def value(self, time: int) -> Value:
        content = self.recording.event_contents[time]
        if content == SCALAR:
            return float(self.recording.event_numbers[time])
        array = self.contents[content]
        return float(array.ravel()[0]) if array.size == 1 else array

    def _form(self, role: str, site: int, time: int) -> Form | None:
        if role == "store":
            return self._store(site, time)
        if role == "list":
            gathered = self.gathered.pop(site, [])
            content = int(self.recording.event_contents[time])
            if content != SCALAR and any(form for _, form in gathered):
                self.listed[content] = gathered
            return None
        value = self.value(time)
        form = None
        if role == "sum":
            form = self._total(site, time, value)
        else:
            operands = [self.last[child] for child in self.children.get(site, [])]
            operands = [t for t in operands if t >= 0]
            if len(operands) < 2:
                return None
            left, right = self.value(operands[0]), self.value(operands[1])
            if role == "product":
                form = self._product(time, value, left, right)
                if form is not None:
                    form.operands = operands[0], operands[1]
            elif role == "dot":
                form = self._dot(time, value, left, right)
                if form is not None:
                    form.operands = operands[0], operands[1]
            else:
                form = self._added(time, value, operands[0], operands[1])
        self._keep(site, time, value, form)
        return form

    def _keep(self, site: int, time: int, value: Value, form: Form | None) -> None:
        if form is None:
            self.at.pop(site, None)
            return
        self.at[site] = form
        if isinstance(value, float):
            if not _trivial(value):
                self.recent[value] = form
                self.since.setdefault(value, time)
        else:
            self.recent[(int(self.recording.event_contents[time]),)] = form

    def _product(self, time: int, value: Value, left: Value, right: Value) -> Form | None:
        if isinstance(left, float) and isinstance(right, float):
            right_value = isinstance(value, float) and abs(left * right - value) <= 1e-6 * abs(value)
            return Form(time, value, factors=(left, right)) if right_value else None
        if isinstance(left, float) or isinstance(right, float):
            if any(np.size(factor) > 1 and not _column(factor) for factor in (left, right)):
                return None
            return Form(time, value, factors=(left, right))
        if left.ndim == 1 and left.shape == right.shape and not isinstance(value, float):
            self.elementwise[int(self.recording.event_contents[time])] = left, right
        return None

    def _dot(self, time: int, value: Value, left: Value, right: Value) -> Form | None:
        if isinstance(left, float) or isinstance(right, float) or not isinstance(value, float):
            return None
        if left.size != right.size or left.size != max(left.shape) or right.size != max(right.shape):
            return None
        return Form(time, value, factors=(left.ravel(), right.ravel()), vectors=True)

    def _total(self, site: int, time: int, value: Value) -> Form | None:
        """Return the sum that sum(…) yields: of a list of products, of a generator of them, or of w * x."""
        gathered = self.gathered.pop(site, [])
        operands = [t for child in self.children.get(site, []) if (t := self.last[child]) >= 0]
        for operand in operands[:1]:
            content = int(self.recording.event_contents[operand])
            if content in self.elementwise and isinstance(value, float):
                left, right = self.elementwise[content]
                if abs(float(left @ right) - value) <= FINE * float(np.abs(left * right).max()):
                    of_product = self.children.get(int(self.recording.event_sites[operand]), [])
                    at = [self.last[child] for child in of_product[:2]] if len(of_product) > 1 else [operand] * 2
                    return Form(time, value, factors=(left, right), operands=(at[0], at[1]), vectors=True)
            if content in self.listed:
                gathered = self.listed[content]
        forms = [form for _, form in gathered if form is not None]
        if not forms:
            return None
        others = [t for t, form in gathered if form is None and isinstance(self.value(t), float)]
        total = sum(np.asarray(form.value) for form in forms)
        scale = FINE * max(float(np.abs(form.value).max()) for form in forms)
        rest = [t for t in others if not _near(total, value, scale)]
        if not _near(total + sum(self.value(t) for t in rest), value, scale + FINE * float(np.abs(value).max())):
            return None
        return _joined(time, value, forms, rest)

    def _sum_at(self, time: int) -> Form | None:
        """Return the sum that an operand is, or None if it is a summand of its own."""
        site = self.recording.sites[self.recording.event_sites[time]]
        form = self.at.get(int(self.recording.event_sites[time]))
        if form is not None:
            return form
        value = self.value(time)
        if site.kind in ("Name", "Attribute", "Subscript"):
            held = self.held.get(site.text)
            if held is not None and _same(held[0], value):
                return held[1]
        if isinstance(value, float):
            found = None if _trivial(value) else self.recent.get(value)
            return found if found is not None and self._of_sums(value) else None
        return self.recent.get((int(self.recording.event_contents[time]),))

    def _of_sums(self, value: float) -> bool:
        """Return whether a number was not there before it was a sum's value: 0 + b is b, and b no sum."""
        if value not in self.known:
            self.known[value] = not self.values.number(value, 0, self.since[value])
        return self.known[value]

    def _added(self, time: int, value: Value, left: int, right: int) -> Form | None:
        forms = [self._sum_at(left), self._sum_at(right)]
        if forms == [None, None]:
            return None
        own = [form for form in forms if form is not None]
        return _joined(time, value, own, [t for t, form in zip((left, right), forms, strict=True) if form is None])

    def _store(self, site: int, time: int) -> Form | None:
        """Keep what a name holds from now on; s += w * x yields a sum."""
        if site in self.looked_at:
            return None
        text = self.recording.sites[site].text
        before, right = self.statements[site]
        value = self.value(time)
        for entry in self.entries.get(text, ()):
            self.held.pop(entry, None)
        if site in self.lasting:
            self._forget(text, value)
            return None
        if before is not None and right is not None:  # s += …
            old, new = self.last[before], self.last[right]
            if min(old, new) < 0:
                return None
            if _same(self.value(old), 0.0) and self._anew(text, site):
                self.held[text] = 0.0, Form(time, 0.0)
            self.added_at[text] = site
            form = self._added(time, value, old, new) if _plus(self.value(old), self.value(new), value) else None
            self.held[text] = value, form
            self._keep(site, time, value, form)
            return form
        if right is not None and (source := self.last[right]) >= 0 and _same(self.value(source), value):
            self.held[text] = value, self._sum_at(source)
        elif right is None and isinstance(value, float) and value == 0.0:
            self.held[text] = value, Form(time, value)
        else:
            self.held.pop(text, None)
        return None

    def _anew(self, text: str, site: int) -> bool:
        """Return whether an entry that is 0 is another one than the entry of the same text added to before."""
        held = self.held.get(text)
        return held is None or (held[1] is not None and held[1].used) or self.added_at.get(text, site) > site

    def _forget(self, text: str, value: Value) -> None:
        """Take a value for what it is: a weight that was updated is no sum of products."""
        self.held[text] = value, None
        for entry in [value] if isinstance(value, float) else value.ravel().tolist():
            form = self.recent.pop(entry, None)
            if form is not None:
                form.used = True


def _role(kind: str, name: str) -> str | None:
    if kind == "store":
        return "store"
    if kind in LISTS:
        return "list"
    return ROLES.get(name) if kind in ("BinOp", "Call") else None


def _joined(time: int, value: Value, forms: list[Form], rest: list[int]) -> Form:
    for form in forms:
        form.used = True
    return Form(time, value, tuple(forms), rest=tuple(rest))


def _same(a: Value, b: Value) -> bool:
    """Return whether two values are the same number, or equal arrays."""
    if isinstance(a, float) or isinstance(b, float):
        return isinstance(a, float) and isinstance(b, float) and a == b
    return a is b or np.array_equal(a, b)


def _plus(a: Value, b: Value, total: Value) -> bool:
    """Return whether a + b is a total, to the rounding of single precision."""
    if isinstance(a, float) and isinstance(b, float):
        return isinstance(total, float) and abs(a + b - total) <= 1e-6 * (abs(a) + abs(b))
    with np.errstate(all="ignore"):
        found = np.asarray(a) + b
        return found.shape == np.shape(total) and bool(
            np.all(np.abs(found - total) <= 1e-6 * (np.abs(a) + np.abs(b)))
        )


def _near(total: Value, value: Value, margin: float) -> bool:
    return np.shape(total) == np.shape(value) and bool(np.all(np.abs(np.asarray(total) - value) <= margin))


def _column(value: Value) -> bool:
    """Return whether an array has one axis longer than 1."""
    return isinstance(value, np.ndarray) and value.size == max(value.shape)


def _trivial(value: float) -> bool:
    """Return whether a number says nothing about where it comes from: 0, 1, 0.5 and their kind."""
    return (value * 4096).is_integer() if np.isfinite(value) else True
