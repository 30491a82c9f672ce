"""An expression in its frame: what stands in it, what is in scope, and how the user writes things."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from backproof.doctor.correct.evaluate import Evaluator, Unknown
from backproof.doctor.correct.scope import Frame
from backproof.doctor.correct.source import Source
from backproof.doctor.reading import Reading
from backproof.fields import Array
from backproof.layers import Layer


@dataclass(frozen=True)
class Expression:
    """An expression in its frame."""

    source: Source
    reading: Reading
    node: ast.expr
    frame: Frame

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
                value = evaluator.value(part)
                found[id(part)] = np.asarray(value) if isinstance(value, float) else value
            except Unknown:
                continue
        return found

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """The arrays in scope, each once, by the name seen last; numbers where the expression is one."""
        if isinstance(value := self.values.get(id(self.node)), np.ndarray) and value.ndim == 0:
            return self._numbers
        found: dict[str, Array] = {}
        for text in self.frame.atoms:
            value = self.frame.known[text]
            if isinstance(value, np.ndarray) and not any(value is other for other in found.values()):
                found[text] = value
        return found

    @cached_property
    def _numbers(self) -> dict[str, Array]:
        """The single numbers in scope, and the entries of vectors at the indices that the expression uses."""
        known = self.frame.known
        found = {text: np.asarray(known[text]) for text in self.frame.atoms if isinstance(known[text], float)}
        indices = {ast.unparse(p.slice) for p in self.parts if isinstance(p, ast.Subscript)}
        indices |= {text for text in self.frame.atoms if type(known[text]) is int and text.isidentifier()}
        for text in self.frame.atoms:
            vector = known[text]
            for index in sorted(indices):
                at = known.get(index)
                if isinstance(vector, np.ndarray) and vector.ndim == 1 and type(at) is int and at < vector.size:
                    found[f"{text}[{index}]"] = np.asarray(vector[at])
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

    def as_factor(self, part: ast.expr) -> str:
        """Return a part as it stands where it is multiplied by something."""
        loose = isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add | ast.Sub)
        return f"({self.words(part)})" if loose or isinstance(part, ast.Compare | ast.IfExp) else self.words(part)

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
        kinds = {layer_type(layer) for layer in self.reading.spec.layers}
        formulas = {"sigmoid": "{0} * (1 - {0})", "tanh": "(1 - {0} ** 2)", "relu": "({0} > 0)"}
        for kind, formula in formulas.items():
            if kind in kinds:
                found += [formula.format(self.source.words(text)) for text in arrays]
        return found

    @cached_property
    def own_names(self) -> set[str]:
        """The names of arrays in scope, as the user writes them."""
        return {self.source.words(text) for text in self.arrays}

    def counts(self) -> Iterator[str]:
        """Yield what the user divides by elsewhere, and other numbers of observations or entries."""
        nodes = list(ast.walk(self.source.tree))
        divisors = [n.right for n in nodes if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div)]
        lengths = [n for n in nodes if isinstance(n, ast.expr) and _length(n)]
        names = [n for n in divisors if isinstance(n, ast.Name | ast.Attribute)]
        yield from dict.fromkeys(self.words(n) for n in (*names, *lengths))
        rows = len(self.reading.steps[0].x)
        numbers = [text for text in self.frame.atoms if type(self.frame.known[text]) is int]
        equal = [text for text in numbers if self.frame.known[text] == rows]
        yield from equal if len(equal) == 1 else ()
        for text in ("x", "y"):
            data = self.reading.sources[text].text
            if data in self.arrays:
                axes = [axis for axis, size in enumerate(self.arrays[data].shape) if size == rows]
                yield from (f"{self.source.words(data)}.shape[{axis}]" for axis in axes[:1])
                yield f"{self.source.words(data)}.size"

    def turned(self, part: ast.expr) -> str:
        """Return a part transposed."""
        if isinstance(part, ast.Attribute) and part.attr == "T":
            return self.words(part.value)
        plain = isinstance(part, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
        return f"{self.words(part)}.T" if plain else f"({self.words(part)}).T"

    def with_parts(self, part: ast.expr, new: Mapping[Any, str]) -> str:
        """Return a part's text with parts of it replaced."""
        text = self.words(part).encode()
        for one in sorted(new, key=lambda p: -int(p.col_offset)):
            start, stop = one.col_offset - part.col_offset, one.end_col_offset - part.col_offset
            text = text[:start] + new[one].encode() + text[stop:]
        return text.decode()


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
