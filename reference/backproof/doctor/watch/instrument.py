"""The user's source, rewritten so that each value passes through an identity function that records it."""

import ast
import copy
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType
from typing import Any

from backproof.doctor.recording import Site

SEEN = "__backproof_seen__"
"""The identity function's name among the builtins: `SEEN(site, value)` returns the value."""

LONGEST = 200
"""Characters kept of an expression's text: data written into the source may be thousands of numbers."""

SILENT: tuple[type[ast.expr], ...] = (
    ast.JoinedStr,
    ast.FormattedValue,
    ast.GeneratorExp,
    ast.Lambda,
    ast.Starred,
    ast.Slice,
)
SILENT += (ast.Dict, ast.DictComp, ast.Set, ast.SetComp, ast.Yield, ast.YieldFrom)
"""Expressions that cannot be wrapped, or whose value is never a number or an array."""

COMPILED = {"jit", "njit", "vectorize", "guvectorize"}
"""Decorators that compile a function from its code and know no function of ours."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Instrumented:
    """Code to run, and its sites.

    `updates` are those that hold a target computed from itself (w = w − …); `indexed` has for each base of an
    entry (w of w[j][i]) how many indices follow it.
    """

    code: CodeType
    sites: list[Site]
    updates: set[int]
    indexed: dict[int, int]


def instrument(source: bytes, path: str, file: str, first: int = 0) -> Instrumented:
    """Return the code of `source`, which stands in `path`, with its sites numbered from `first`.

    Raises
    ------
    SyntaxError
        As Python itself would.
    """
    tree = ast.parse(source, path)
    rewriter = _Rewriter(source.splitlines(), file, first, _no_data(tree))
    with _deep():
        tree.body = rewriter.block(tree.body)
        code = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
    return Instrumented(code, rewriter.sites, rewriter.updates, rewriter.indexed)


@contextmanager
def _deep() -> Iterator[None]:
    """Let expressions nest as deeply as Python lets them, though several calls of ours go down each step."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20 * limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _no_data(tree: ast.Module) -> set[str]:
    """Return the names that stand for modules and objects, and for nothing else."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names}
    return (names | {"self", "cls"}) - {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _stored(node)
    }


def _stored(node: ast.expr) -> bool:
    return not isinstance(getattr(node, "ctx", None), ast.Load | None)


def _simple(node: ast.expr | None) -> bool:
    """Tell whether an expression can be read again: it calls nothing, but for names such as "W" + str(l)."""
    match node:
        case None | ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=value):
            return _simple(value)
        case ast.Subscript(value=value, slice=index):
            return _simple(value) and _simple(index)
        case ast.BinOp(left=left, right=right):
            return _simple(left) and _simple(right)
        case ast.UnaryOp(operand=operand):
            return _simple(operand)
        case ast.Slice(lower=lower, upper=upper, step=step):
            return _simple(lower) and _simple(upper) and _simple(step)
        case ast.Tuple(elts=elements) | ast.JoinedStr(values=elements):
            return all(map(_simple, elements))
        case ast.FormattedValue(value=value):
            return _simple(value)
        case ast.Call(func=ast.Name(id="str" | "int" | "len"), args=[argument], keywords=[]):
            return _simple(argument)
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="format"), args=arguments, keywords=[]):
            return all(map(_simple, arguments))
    return False


def _targets(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the names, attributes and entries within the target of an assignment."""
    match node:
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from _targets(element)
        case ast.Starred(value=value):
            yield from _targets(value)
        case _:
            yield node


def _base(target: ast.expr) -> ast.expr:
    """Return what an entry is an entry of: `w` of `w[i][j]`."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return target


def _indices(target: ast.expr) -> int:
    """Return how many indices an entry has: 2 for `w[i][j]`."""
    return 1 + _indices(target.value) if isinstance(target, ast.Subscript) else 0


def _read(node: ast.expr) -> ast.expr:
    """Return an expression that reads what `node` assigns."""
    read: Any = copy.deepcopy(node)
    read.ctx = ast.Load()
    return read


def _read_in(value: ast.expr) -> set[str]:
    """Return the names, attributes and entries that an expression reads, as text."""
    parts = (part for part in ast.walk(value) if isinstance(part, ast.Name | ast.Attribute | ast.Subscript))
    return {ast.unparse(part) for part in parts if _simple(part)}


def _last_line(node: ast.stmt) -> int:
    """Return the last line of a statement, without the statements inside it."""
    if not hasattr(node, "body") and not isinstance(node, ast.Match):
        return node.end_lineno or node.lineno
    inside = (ast.stmt, ast.excepthandler, ast.match_case)
    header = [child for child in ast.iter_child_nodes(node) if not isinstance(child, inside)]
    ends = [getattr(part, "end_lineno", None) or 0 for child in header for part in ast.walk(child)]
    return max([node.lineno, *ends])


class _Rewriter(ast.NodeTransformer):
    def __init__(self, source: list[bytes], file: str, first: int, no_data: set[str]):
        self.source, self.file, self.first, self.no_data = source, file, first, no_data
        self.sites: list[Site] = []
        self.updates: set[int] = set()
        self.indexed: dict[int, int] = {}
        self.indices: dict[ast.expr, int] = {}
        self.function: list[str] = []
        self.lines = (1, 1)
        self.parent: int | None = None

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        if isinstance(node, ast.expr):
            return self.expression(node)
        if not isinstance(node, ast.stmt):
            return super().visit(node)
        outside, self.lines, self.parent = self.lines, (node.lineno, _last_line(node)), None
        found = super().visit(node)
        self.lines = outside
        return found

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        self.function.append(name)
        yield
        self.function.pop()

    # Expressions

    def site(self, kind: str, text: str) -> int:
        function = ".".join(self.function) or "<module>"
        self.sites.append(Site(self.file, function, *self.lines, kind, text, self.parent))
        return self.first + len(self.sites) - 1

    def text(self, node: ast.expr) -> str:
        """Return an expression in Python's own spelling, or the beginning of it as it stands in the source."""
        lines = self.source[node.lineno - 1 : node.end_lineno]
        if sum(map(len, lines)) > LONGEST:  # else it is no longer than that
            ends = len(b"\n".join(lines)) - len(lines[-1]) + (node.end_col_offset or 0)
            written = b"\n".join(lines)[node.col_offset : ends]
            if len(written) > LONGEST:
                return " ".join(written[:LONGEST].decode(errors="ignore").split()) + "…"
        try:
            return ast.unparse(node)
        except ValueError:  # before Python 3.12, some nested f-strings
            return "…"

    def expression(self, node: ast.expr) -> ast.expr:
        if _stored(node) or isinstance(node, ast.Constant):
            return node
        if isinstance(node, SILENT) or (isinstance(node, ast.Name) and node.id in self.no_data):
            return self.parts(node)
        kind, text = type(node).__name__, self.text(node)
        if isinstance(node, ast.NamedExpr):
            kind, text = "store", self.text(node.target)
        number, outside = self.site(kind, text), self.parent
        indices = self.indices.get(node, 0)
        if indices:
            self.indexed[number] = indices
        if isinstance(node, ast.Subscript):
            self.indices[node.value] = indices + 1
        self.parent = number
        inner = self.parts(node)
        self.parent = outside
        return self.seen(number, inner)

    def parts(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Call(func=ast.Name()):
                self.arguments(node)
            case ast.Call(func=ast.Attribute() | ast.Subscript() | ast.Lambda() as function):
                self.parts(function)  # what is called is no data; what it is an attribute of may be
                self.arguments(node)
            case ast.Subscript(slice=ast.Tuple() as index):
                node.value = self.expression(node.value)
                self.generic_visit(index)  # it may hold slices, which stand nowhere else
            case ast.Lambda():
                with self.inside("<lambda>"):
                    self.generic_visit(node)
            case _:
                self.generic_visit(node)
        return node

    def arguments(self, node: ast.Call) -> None:
        node.args = [self.expression(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self.expression(keyword.value)

    def seen(self, number: int, value: ast.expr) -> ast.expr:
        call = ast.Call(ast.Name(SEEN, ast.Load()), [ast.Constant(number), value], [])
        for part in (call, call.func, call.args[0]):
            ast.copy_location(part, value)
        return call

    # Statements

    def look(self, kind: str, node: ast.expr) -> list[ast.stmt]:
        """Return a statement that records what `node` holds, and that cannot fail."""
        number = self.site(kind, self.text(node))
        look: ast.stmt = ast.copy_location(ast.Expr(self.seen(number, _read(node))), node)
        if isinstance(node, ast.Name) and kind == "store":
            return [look]
        harmless = ast.ExceptHandler(None, None, [ast.Pass()])
        return [ast.copy_location(ast.Try([look], [harmless], [], []), node)]

    def stores(self, target: ast.expr, used: Collection[str] = ()) -> list[ast.stmt]:
        """Return statements that record what each part of a target holds; `used` is what the value came from."""
        found: list[ast.stmt] = []
        for part in _targets(target):
            looked = [node for node in dict.fromkeys((part, _base(part))) if _simple(node)]
            if looked and ast.unparse(part) in used:
                self.updates.add(self.first + len(self.sites))
            for node in looked:
                if node is not part:
                    self.indexed[self.first + len(self.sites)] = _indices(part)
                found += self.look("store", node)
        return found

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        used = _read_in(node.value)
        node.value = self.expression(node.value)
        return [node, *(look for target in node.targets for look in self.stores(target, used))]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        used = _read_in(node.value)
        node.value = self.expression(node.value)
        return [node, *self.stores(node.target, used)]

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        old = next(filter(_simple, (node.target, _base(node.target))), None)
        before = self.look(type(old).__name__, old) if old is not None else []
        counts = isinstance(node.value, ast.Constant) and isinstance(node.value.value, int)
        used = [] if counts else [ast.unparse(node.target)]
        node.value = self.expression(node.value)
        return [*before, node, *self.stores(node.target, used)]

    def visit_For(self, node: ast.For | ast.AsyncFor) -> ast.stmt:
        node.iter = self.expression(node.iter)
        start = self.stores(node.target)
        node.body = [*start, *self.block(node.body)]
        node.orelse = self.block(node.orelse)
        return node

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_With(self, node: ast.With | ast.AsyncWith) -> ast.stmt:
        start: list[ast.stmt] = []
        for item in node.items:
            item.context_expr = self.expression(item.context_expr)
            if item.optional_vars is not None:
                start += self.stores(item.optional_vars)
        node.body = [*start, *self.block(node.body)]
        return node

    visit_AsyncWith = visit_With  # noqa: N815

    def visit_FunctionDef(self, node: Function) -> ast.stmt:
        decorators = [part.func if isinstance(part, ast.Call) else part for part in node.decorator_list]
        if COMPILED & {ast.unparse(part).split(".")[-1] for part in decorators}:
            return node
        inputs = node.args
        inputs.defaults = [self.expression(default) for default in inputs.defaults]
        inputs.kw_defaults = [default and self.expression(default) for default in inputs.kw_defaults]
        parameters = [*inputs.posonlyargs, *inputs.args, *inputs.kwonlyargs]
        with self.inside(node.name):
            start: list[ast.stmt] = []
            for given in parameters:
                if given.arg not in self.no_data:
                    start += self.look("store", ast.copy_location(ast.Name(given.arg, ast.Store()), given))
            described = int(ast.get_docstring(node, clean=False) is not None)
            node.body = [*node.body[:described], *start, *self.block(node.body[described:])]
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        with self.inside(node.name):
            node.body = self.block(node.body)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        node.body = self.block(node.body)
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.guard = node.guard and self.expression(node.guard)
        node.body = self.block(node.body)
        return node

    def visit_Delete(self, node: ast.Delete) -> ast.stmt:
        return node

    def visit_TypeAlias(self, node: ast.stmt) -> ast.stmt:
        return node

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            new = self.visit(statement)
            found += new if isinstance(new, list) else [new]  # type: ignore[list-item]
        return found
