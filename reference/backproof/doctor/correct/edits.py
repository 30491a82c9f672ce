"""Small edits of an expression that may put it right, those that leave most of it as it is first.

Which of them is right is for the values to tell: an edit is only a proposal.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from backproof.doctor.correct.evaluate import Evaluator, Unknown
from backproof.doctor.correct.scope import Frame
from backproof.doctor.correct.source import Edit, Source
from backproof.fields import Array
from backproof.layers import Layer
from backproof.layers.softmax import Softmax
from backproof.losses import BinaryCrossEntropy, Huber
from backproof.spec import ModelSpec

SHIFTS = (1, -1, 2, -2)
"""By how much an index may be off."""

OPERANDS = 24
"""How many arrays in scope are multiplied with each other."""


@dataclass(frozen=True)
class Editor:
    """An expression in its frame. `scaled`: what is wrong with it is a factor alone."""

    source: Source
    spec: ModelSpec
    node: ast.expr
    frame: Frame
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

    # What there is to work with

    @cached_property
    def parts(self) -> list[ast.expr]:
        """The expression and all within it."""
        return [part for part in ast.walk(self.node) if isinstance(part, ast.expr)]

    @cached_property
    def values(self) -> dict[int, Any]:
        """The values of the parts, by the part's identity."""
        evaluator, found = Evaluator(self.source, self.frame.known), {}
        for part in self.parts:
            try:
                found[id(part)] = evaluator.value(part)
            except Unknown:
                continue
        return found

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """The arrays in scope, each once, by the name seen last."""
        found: dict[str, Array] = {}
        for text in self.frame.atoms:
            value = self.frame.known[text]
            if isinstance(value, np.ndarray) and not any(value is other for other in found.values()):
                found[text] = value
        return found

    @cached_property
    def numpy(self) -> str:
        """NumPy's name in this file."""
        return next((name for name, module in self.source.modules.items() if module == "numpy"), "np")

    @cached_property
    def style(self) -> str:
        """How the user multiplies matrices, with places for both."""
        nodes = [n for tree in (self.node, self.source.tree) for n in ast.walk(tree)]
        for node in nodes:
            match node:
                case ast.BinOp(op=ast.MatMult()):
                    return "{} @ {}"
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="dot" | "matmul" as function)):
                    if name in self.source.modules:
                        return f"{name}.{function}({{}}, {{}})"
                    return "{}.dot({})"
                case ast.Call(func=ast.Attribute(attr="dot")):
                    return "{}.dot({})"
        return "{} @ {}"

    def words(self, part: ast.expr) -> str:
        """Return a part as the user writes it."""
        segment = ast.get_source_segment(self.source.text, part) if hasattr(part, "lineno") else None
        return segment or ast.unparse(part)

    def _factor(self, part: ast.expr) -> str:
        """Return a part as it stands where it is multiplied by something."""
        loose = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add | ast.Sub)
        return f"({self.words(part)})" if loose or isinstance(part, ast.Compare | ast.IfExp) else self.words(part)

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
                    yield Edit(part, f"{self._factor(right)} - {self._factor(left)}")
                case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
                    yield Edit(part, self.words(operand))
        yield Edit(self.node, f"-{self._factor(self.node)}")

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
        whole = self._factor(self.node)
        yield Edit(self.node, f"2 * {whole}")
        for count in self._counts():
            yield Edit(self.node, f"{whole} / {count}")
            yield Edit(self.node, f"2 * {whole} / {count}")
        yield Edit(self.node, f"{whole} / 2")

    def _counts(self) -> Iterator[str]:
        """Yield what the user divides by elsewhere, and other lengths: a number of observations."""
        nodes = list(ast.walk(self.source.tree))
        divisors = [n.right for n in nodes if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div)]
        lengths = [n for n in nodes if isinstance(n, ast.expr) and _length(n)]
        names = [n for n in divisors if isinstance(n, ast.Name | ast.Attribute)]
        yield from dict.fromkeys(self.words(n) for n in (*names, *lengths))

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
                        yield Edit(part, self._with(part, same, self.source.words(other)))

    def _with(self, part: ast.expr, inner: list[Any], by: str) -> str:
        """Return a part's text with parts of it replaced."""
        text = self.words(part).encode()
        for one in sorted(inner, key=lambda p: -int(p.col_offset)):
            start, stop = one.col_offset - part.col_offset, one.end_col_offset - part.col_offset
            text = text[:start] + by.encode() + text[stop:]
        return text.decode()

    def _transposed(self) -> Iterator[Edit]:
        for part in self.parts:
            match part:
                case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                    yield Edit(part, f"{self._turned(right)} @ {self._turned(left)}")
                    yield Edit(part, f"{self.words(right)} @ {self.words(left)}")
                case ast.Call(func=ast.Attribute(value=ast.Name(id=module)) as f, args=[left, right]):
                    if module in self.source.modules and f.attr in ("dot", "matmul", "outer"):
                        yield Edit(part, f"{module}.{f.attr}({self.words(right)}, {self.words(left)})")
                        yield Edit(part, f"{module}.{f.attr}({self._turned(right)}, {self._turned(left)})")
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

    def _turned(self, part: ast.expr) -> str:
        if isinstance(part, ast.Attribute) and part.attr == "T":
            return self.words(part.value)
        plain = isinstance(part, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
        return f"{self.words(part)}.T" if plain else f"({self.words(part)}).T"

    # Slopes

    @cached_property
    def calls(self) -> list[tuple[str, str]]:
        """How the user calls functions of one argument: the name, and what comes after the argument."""
        found = dict.fromkeys(
            (self.words(node.func), "".join(f", {k.arg}={self.words(k.value)}" for k in node.keywords))
            for node in ast.walk(self.source.tree)
            if isinstance(node, ast.Call) and called(node) in self.source.functions and len(node.args) == 1
        )
        return list(found)

    @cached_property
    def slopes(self) -> list[str]:
        """Expressions that may be the derivative of an activation, as factors."""
        arrays = {text: a for text, a in self.arrays.items() if a.dtype.kind == "f"}
        found = [
            f"{function}({self.source.words(text)}{rest})" for text in arrays for function, rest in self.calls
        ]
        kinds = {layer_type(layer) for layer in self.spec.layers}
        formulas = {"sigmoid": "{0} * (1 - {0})", "tanh": "(1 - {0} ** 2)", "relu": "({0} > 0)"}
        for kind, formula in formulas.items():
            if kind in kinds:
                found += [formula.format(self.source.words(text)) for text in arrays]
        return found

    def _slopes(self) -> Iterator[Edit]:
        for slope in self.slopes:
            yield Edit(self.node, f"{self._factor(self.node)} * {slope}")

    def _slopes_put_in(self) -> Iterator[Edit]:
        """A slope in place of a factor."""
        for part in self.parts:
            match part:
                case ast.BinOp(op=ast.Mult(), right=right):
                    for slope in self.slopes:
                        yield Edit(part, f"{self._factor(part.left)} * {slope}")
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
        if isinstance(self.spec.loss, Huber):
            for part in self.parts:
                if isinstance(part, ast.Name):
                    limit = f"{self.spec.loss.delta:g}"
                    yield Edit(part, f"{self.numpy}.clip({part.id}, -{limit}, {limit})")
        if isinstance(self.spec.loss, BinaryCrossEntropy):
            for y, a in product(self.arrays, self.arrays):
                if self.arrays[y].shape == self.arrays[a].shape and y != a:
                    one, p = self.source.words(y), self.source.words(a)
                    yield Edit(self.node, f"{self.words(self.node)} + (1 - {one}) / (1 - {p})")
                    yield Edit(self.node, f"{self._factor(self.node)} / ({p} * (1 - {p}))")
                    yield Edit(self.node, f"({p} - {one}) / ({p} * (1 - {p}))")
                    for count in self._counts():
                        yield Edit(self.node, f"({p} - {one}) / ({p} * (1 - {p})) / {count}")
        if any(isinstance(layer, Softmax) for layer in self.spec.layers):
            for d, a in product(self.arrays, self.arrays):
                if self.arrays[d].shape == self.arrays[a].shape and d != a:
                    one, p = self.source.words(d), self.source.words(a)
                    for axis in (0, 1):
                        inner = f"{self.numpy}.sum({one} * {p}, axis={axis}, keepdims=True)"
                        yield Edit(self.node, f"{p} * ({one} - {inner})")


def layer_type(layer: Layer) -> str:
    """Return a layer's name in a spec."""
    return str(getattr(layer, "type", ""))


def called(node: ast.Call) -> str:
    """Return the name that is called, of a method its own."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _length(node: ast.AST) -> bool:
    """Return whether an expression is the length of something."""
    match node:
        case ast.Call(func=ast.Name(id="len")) | ast.Attribute(attr="size"):
            return True
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant()):
            return True
    return False
