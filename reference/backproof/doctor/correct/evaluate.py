"""The value of an expression that may never have been evaluated, from values that were seen.

Nothing of the user's is run: expressions of NumPy and of plain functions are worked out on the syntax tree.
"""

import ast
import math
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from backproof.doctor.correct.source import Function, Source

OPERATORS: Mapping[type[ast.AST], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.MatMult: operator.matmul,
    ast.Pow: operator.pow,
    ast.FloorDiv: operator.floordiv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

METHODS = {
    "dot",
    "sum",
    "mean",
    "reshape",
    "astype",
    "copy",
    "ravel",
    "flatten",
    "clip",
    "transpose",
    "max",
    "min",
}
BUILTINS: Mapping[str, Any] = {"len": len, "float": float, "int": int, "abs": abs}
DEEPEST = 5


class Unknown(Exception):
    """The value cannot be told from what was seen."""


class Evaluator:
    """Values of expressions, where `known` has the value of those that were seen, by text.

    `functions` are used in place of the source's own of the same name.
    """

    def __init__(
        self,
        source: Source,
        known: Mapping[str, Any],
        functions: Mapping[str, Function] | None = None,
        depth: int = 0,
    ) -> None:
        self.source, self.known, self.depth = source, known, depth
        self.own = functions or {}
        self.functions = {**source.functions, **self.own}

    def value(self, node: ast.AST) -> Any:
        """Return the value of an expression.

        Raises
        ------
        Unknown
            If something in it was not seen, or is not plain calculation.
        """
        try:
            with np.errstate(all="ignore"):
                return self._value(node)
        except Unknown:
            raise
        except Exception as error:
            raise Unknown(str(error)) from None

    def _value(self, node: ast.AST) -> Any:
        text = ast.unparse(node)
        if text in self.known and not self._calls_own(node):
            return self.known[text]
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name) if name in BUILTINS:
                return BUILTINS[name]
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](self._value(left), self._value(right))
            case ast.UnaryOp(op=op, operand=operand):
                return OPERATORS[type(op)](self._value(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return OPERATORS[type(op)](self._value(left), self._value(right))
            case ast.Tuple(elts=parts):
                return tuple(map(self._value, parts))
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self.source.modules:
                return self._of_module(name, attribute)
            case ast.Attribute(value=inner, attr="T" | "shape" | "size" as attribute):
                return getattr(np.asarray(self._value(inner)), attribute)
            case ast.Subscript(value=inner, slice=index):
                at = self._index(index)
                entry = f"{ast.unparse(inner)}[{at}]"  # a list's entries may have other shapes each
                return self.known[entry] if entry in self.known else self._value(inner)[at]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._value(body if self._value(test) else orelse)
            case ast.Call():
                return self._call(node)
        raise Unknown(text)

    def _calls_own(self, node: ast.AST) -> bool:
        """Return whether a value seen may not be that of the functions in place of the source's own."""
        return bool(self.own) and any(isinstance(n, ast.Call) and _name(n) in self.own for n in ast.walk(node))

    def _index(self, node: ast.expr) -> Any:
        match node:
            case ast.Slice(lower=lower, upper=upper, step=step):
                return slice(*(None if part is None else self._value(part) for part in (lower, upper, step)))
            case ast.Tuple(elts=parts):
                return tuple(map(self._index, parts))
        return self._value(node)

    def _of_module(self, name: str, attribute: str) -> Any:
        if attribute.startswith("_") or attribute in ("random", "save", "load", "fromfile"):
            raise Unknown(attribute)
        return getattr(np if self.source.modules[name] == "numpy" else math, attribute)

    def _call(self, node: ast.Call) -> Any:
        positional = [self._value(argument) for argument in node.args]
        named = {keyword.arg: self._value(keyword.value) for keyword in node.keywords if keyword.arg}
        name = _name(node)
        match node.func:
            case ast.Attribute(value=ast.Name(id=module)) if module in self.source.modules:
                return self._of_module(module, name)(*positional, **named)
            case ast.Name() if name in BUILTINS and name not in self.functions:
                return BUILTINS[name](*positional, **named)
            case ast.Attribute(value=inner) if name in METHODS and name not in self.functions:
                return getattr(np.asarray(self._value(inner)), name)(*positional, **named)
        if name in self.functions and self.depth < DEEPEST:
            return self._run(self.functions[name], positional, named)
        raise Unknown(name)

    def _run(self, function: Function, positional: list[Any], named: Mapping[str, Any]) -> Any:
        """Return what a function of plain calculation returns."""
        names = [argument.arg for argument in function.args.args]
        known: dict[str, Any] = {text: v for text, v in self.known.items() if text.startswith("self.")}
        if names[:1] == ["self"]:
            names = names[1:]
        defaults = function.args.defaults
        for argument, default in zip(names[len(names) - len(defaults) :], defaults, strict=True):
            known[argument] = self._value(default)
        known |= {**dict(zip(names, positional, strict=False)), **named}
        returned = _Body(self.source, known, self.own, self.depth + 1).run(function.body)
        if returned is None:
            raise Unknown(function.name)
        return returned


class _Body(Evaluator):
    """A function's body at work."""

    known: dict[str, Any]

    def run(self, body: list[ast.stmt]) -> Any:
        for statement in body:
            match statement:
                case ast.Return(value=ast.expr() as value):
                    return self._value(value)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._assign(name, self._value(value))
                case ast.If(test=test, body=inner, orelse=orelse):
                    returned = self.run(inner if self._value(test) else orelse)
                    if returned is not None:
                        return returned
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case _:
                    raise Unknown(type(statement).__name__)
        return None

    def _assign(self, name: str, value: Any) -> None:
        self.known[name] = value


def _name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
