"""Small edits of an expression that may put it right, those that leave most of it as it is first.

Which of them is right is for the values to tell: an edit is only a proposal.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from backproof.doctor.correct.expression import Expression
from backproof.doctor.correct.source import Edit
from backproof.layers.softmax import Softmax
from backproof.losses import BinaryCrossEntropy, Huber

SHIFTS = (1, -1, 2, -2)
"""By how much an index may be off."""

OPERANDS = 24
"""How many arrays in scope are multiplied with each other."""


@dataclass(frozen=True)
class Editor(Expression):
    """What may be edited in an expression. `scaled`: what is wrong with it is a factor alone."""

    scaled: bool

    def edits(self) -> Iterator[Edit]:
        """Yield the edits that keep the form of the expression."""
        yield from self._axes()
        yield from self._sums()
        yield from self._signs()
        if self.scaled:
            yield from self._dropped()
            yield from self._scaled()
            return
        yield from self._other_index()
        yield from self._other_names()
        yield from self._renamed()
        yield from self._transposed()
        yield from self._dropped()

    def additions(self) -> Iterator[Edit]:
        """Yield the edits that bring in what is missing."""
        if not self.scaled:
            yield from self._slopes()
            yield from self._slopes_put_in()
            yield from self._products()
            yield from self._whole_formulas()
            yield from self._two_names()

    # Sums

    def _axes(self) -> Iterator[Edit]:
        for part in self.parts:
            if not isinstance(part, ast.Call) or any(k.arg == "axis" for k in part.keywords):
                continue
            name = part.func.attr if isinstance(part.func, ast.Attribute) else ""
            if name in ("sum", "mean"):
                inside = self.words(part).rstrip()[:-1]
                comma = "" if inside.endswith("(") else ", "
                for axis, keep in product((0, 1), ("", ", keepdims=True")):
                    yield Edit(part, f"{inside}{comma}axis={axis}{keep})")

    def _sums(self) -> Iterator[Edit]:
        for part in self.parts:
            match part:
                case ast.Attribute(attr="mean" | "sum" as name):
                    other = {"mean": "sum", "sum": "mean"}[name]
                    yield Edit(part, f"{self.words(part.value)}.{other}")
                case ast.Call(func=ast.Attribute(attr="sum" | "mean"), keywords=keywords):
                    for keyword in keywords:
                        if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant | ast.UnaryOp):
                            for axis in ("0", "1"):
                                yield Edit(keyword.value, axis)

    # Signs and factors

    def _signs(self) -> Iterator[Edit]:
        for part in self.parts:
            match part:
                case ast.BinOp(left=left, op=ast.Sub(), right=right):
                    yield Edit(part, f"{self.as_factor(right)} - {self.as_factor(left)}")
                    yield Edit(part, f"{self.words(left)} + {self.words(right)}")
                case ast.BinOp(left=left, op=ast.Add(), right=right):
                    yield Edit(part, f"{self.words(left)} - {self.as_factor(right)}")
                case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
                    yield Edit(part, self.words(operand))
        yield Edit(self.node, f"-{self.as_factor(self.node)}")

    def _dropped(self) -> Iterator[Edit]:
        for part in self.parts:
            match part:
                case ast.BinOp(left=left, op=ast.Div(), right=ast.BinOp(left=a, op=ast.Mult(), right=b) as below):
                    yield Edit(part, self.words(left))
                    yield Edit(below, self.words(a))
                    yield Edit(below, self.words(b))
                case ast.BinOp(left=ast.Constant() as one, op=ast.Div()) if one.value != 1:
                    yield Edit(one, "1")
                case ast.BinOp(left=ast.Constant(), op=ast.Div()):
                    continue  # 1 / m alone: dropped with what it multiplies
                case ast.BinOp(left=left, op=ast.Mult() | ast.Div()):
                    yield Edit(part, self.words(left))
            match part:
                case ast.BinOp(op=ast.Mult(), right=right):
                    yield Edit(part, self.words(right))

    def _scaled(self) -> Iterator[Edit]:
        whole = self.as_factor(self.node)
        yield Edit(self.node, f"2 * {whole}")
        for count in self.counts():
            yield Edit(self.node, f"{whole} / {count}")
            yield Edit(self.node, f"2 * {whole} / {count}")
        yield Edit(self.node, f"{whole} / 2")

    # Other tensors

    def _other_index(self) -> Iterator[Edit]:
        for part in self.parts:
            if not isinstance(part, ast.Subscript) or isinstance(part.slice, ast.Tuple | ast.Slice):
                continue
            match part.slice:
                case ast.Name(id=name):
                    base, offset = name, 0
                case ast.BinOp(left=ast.Name(id=name), op=op, right=ast.Constant(value=int() as by)):
                    base, offset = name, by if isinstance(op, ast.Add) else -by
                case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id=name)):
                    base, offset = f"-{name}", 0
                case _:
                    continue
            for shift in SHIFTS:
                by = offset + shift
                yield Edit(part.slice, base if by == 0 else f"{base} {'+' if by > 0 else '-'} {abs(by)}")

    def _other_names(self) -> Iterator[Edit]:
        for part in self.parts:
            value = self.values.get(id(part))
            plain = isinstance(part, ast.Name | ast.Attribute | ast.Subscript) and part is not self.node
            if (
                not plain
                or not isinstance(value, np.ndarray)
                or not isinstance(getattr(part, "ctx", None), ast.Load)
            ):
                continue
            for text, array in self.arrays.items():
                if array.shape == value.shape and text != ast.unparse(part) and array is not value:
                    yield Edit(part, self.source.words(text))
                if array.ndim == 2 and array.T.shape == value.shape and isinstance(part, ast.Attribute):
                    yield Edit(part, f"{self.source.words(text)}.T")
            for function, rest in self.calls:
                yield Edit(part, f"{function}({self.words(part)}{rest})")

    def _renamed(self) -> Iterator[Edit]:
        """Another tensor wherever one is read that is read several times, as in a * (1 - a)."""
        for part in self.parts:
            if not isinstance(part, ast.BinOp | ast.Call):
                continue
            inside = [p for p in ast.walk(part) if isinstance(p, ast.Name | ast.Attribute | ast.Subscript)]
            texts = [ast.unparse(p) for p in inside]
            for text in dict.fromkeys(texts):
                same = [p for p, other in zip(inside, texts, strict=True) if other == text]
                value = self.values.get(id(same[0]))
                if len(same) < 2 or not isinstance(value, np.ndarray):
                    continue
                for other, array in self.arrays.items():
                    if array.shape == value.shape and array is not value:
                        yield Edit(part, self.with_parts(part, dict.fromkeys(same, self.source.words(other))))

    def _two_names(self) -> Iterator[Edit]:
        """Two other tensors at once, as m̂ and v̂ in place of m and v."""
        one_line = getattr(self.node, "lineno", 0) == getattr(self.node, "end_lineno", None)
        single = [edit for edit in self._other_names() if one_line and edit.text in self.own_names]
        for first, second in combinations(single, 2):
            if first.part is not second.part and first.text != second.text:
                yield Edit(
                    self.node, self.with_parts(self.node, {first.part: first.text, second.part: second.text})
                )

    def _transposed(self) -> Iterator[Edit]:
        for part in self.parts:
            match part:
                case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                    yield Edit(part, f"{self.turned(right)} @ {self.turned(left)}")
                    yield Edit(part, f"{self.words(right)} @ {self.words(left)}")
                case ast.Call(func=ast.Attribute(value=ast.Name(id=module)) as f, args=[left, right]):
                    if module in self.source.modules and f.attr in ("dot", "matmul", "outer"):
                        yield Edit(part, f"{module}.{f.attr}({self.words(right)}, {self.words(left)})")
                        yield Edit(part, f"{module}.{f.attr}({self.turned(right)}, {self.turned(left)})")
                case ast.BinOp(left=left, op=ast.Mult(), right=right):
                    for a, b in ((left, right), (left, f"{self.words(right)}.T")):
                        second = b if isinstance(b, str) else self.words(b)
                        yield Edit(part, self.style.format(self.words(a), second))
        for part in self.parts:
            value = self.values.get(id(part))
            if isinstance(value, np.ndarray) and value.ndim == 2:
                match part:
                    case ast.Attribute(value=inner, attr="T"):
                        yield Edit(part, self.words(inner))
                    case ast.Name() | ast.Attribute() | ast.Subscript():
                        yield Edit(part, f"{self.words(part)}.T")

    # Slopes

    def _slopes(self) -> Iterator[Edit]:
        for slope in self.slopes:
            yield Edit(self.node, f"{self.as_factor(self.node)} * {slope}")

    def _slopes_put_in(self) -> Iterator[Edit]:
        """A slope in place of a factor."""
        for part in self.parts:
            match part:
                case ast.BinOp(op=ast.Mult(), right=right):
                    for slope in self.slopes:
                        yield Edit(part, f"{self.as_factor(part.left)} * {slope}")
                    if isinstance(right, ast.Name | ast.Attribute | ast.Subscript):
                        yield Edit(part, f"{self.words(part)} * (1 - {self.words(right)})")

    # Products

    def _products(self) -> Iterator[Edit]:
        arrays = [(t, a) for t, a in self.arrays.items() if a.ndim in (1, 2) and a.size][:OPERANDS]
        wanted = self.values.get(id(self.node))
        shapes = {a.shape for a in (wanted,) if isinstance(a, np.ndarray)}
        found: list[tuple[str, tuple[int, ...]]] = []
        for (p, a), (q, b) in product(arrays, arrays):
            left, right = self.source.words(p), self.source.words(q)
            if a.ndim == b.ndim == 1:
                found.append((f"{self.numpy}.outer({left}, {right})", (a.size, b.size)))
            for one, x in ((left, a), (f"{left}.T", a.T)):
                for other, y in ((right, b), (f"{right}.T", b.T)):
                    if (x.ndim == 1 and one != left) or (y.ndim == 1 and other != right):
                        continue
                    if x.shape[-1] == y.shape[0]:
                        found.append((self.style.format(one, other), (*x.shape[:-1], *y.shape[1:])))
        for part in self.parts:
            value = self.values.get(id(part))
            if not isinstance(value, np.ndarray):
                continue
            for text, shape in found:
                if shape == value.shape or shape in shapes:
                    yield Edit(part, text)

    # Formulas

    def _whole_formulas(self) -> Iterator[Edit]:
        if isinstance(self.reading.spec.loss, Huber):
            for part in self.parts:
                if isinstance(part, ast.Name):
                    limit = f"{self.reading.spec.loss.delta:g}"
                    yield Edit(part, f"{self.numpy}.clip({part.id}, -{limit}, {limit})")
        if isinstance(self.reading.spec.loss, BinaryCrossEntropy):
            for y, a in product(self.arrays, self.arrays):
                if self.arrays[y].shape == self.arrays[a].shape and y != a:
                    one, p = self.source.words(y), self.source.words(a)
                    yield Edit(self.node, f"{self.words(self.node)} + (1 - {one}) / (1 - {p})")
                    yield Edit(self.node, f"{self.as_factor(self.node)} / ({p} * (1 - {p}))")
                    yield Edit(self.node, f"({p} - {one}) / ({p} * (1 - {p}))")
                    for count in self.counts():
                        yield Edit(self.node, f"({p} - {one}) / ({p} * (1 - {p})) / {count}")
        if any(isinstance(layer, Softmax) for layer in self.reading.spec.layers):
            for d, a in product(self.arrays, self.arrays):
                if self.arrays[d].shape == self.arrays[a].shape and d != a:
                    one, p = self.source.words(d), self.source.words(a)
                    for axis in (0, 1):
                        inner = f"{self.numpy}.sum({one} * {p}, axis={axis}, keepdims=True)"
                        yield Edit(self.node, f"{p} * ({one} - {inner})")
