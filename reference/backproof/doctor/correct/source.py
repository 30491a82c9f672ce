"""The user's code as text and as syntax trees: statements by line, functions by name, edits of a single line."""

import ast
import copy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from backproof.doctor.recording import Site

Function = ast.FunctionDef | ast.AsyncFunctionDef

Tree = TypeVar("Tree", bound=ast.AST)

CALCULATING = {"numpy", "math"}
"""Modules whose functions have no side effects."""


@dataclass(frozen=True)
class Edit:
    """One part of a statement, and the text that replaces it."""

    part: ast.expr
    text: str

    @property
    def tree(self) -> ast.expr:
        """The text as an expression."""
        return ast.parse(self.text, mode="eval").body


class Source:
    """One file."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines()
        self.tree = ast.parse(text)
        self.statements = {
            node.lineno: node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr)
        }

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Every function and method whose name is given once, by that name."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, Function)]
        names = [node.name for node in found]
        return {node.name: node for node in found if names.count(node.name) == 1}

    @cached_property
    def modules(self) -> dict[str, str]:
        """The calculating modules imported, by the name they have here."""
        imports = [node for node in ast.walk(self.tree) if isinstance(node, ast.Import)]
        aliases = [alias for node in imports for alias in node.names]
        return {alias.asname or alias.name: alias.name for alias in aliases if alias.name in CALCULATING}

    @cached_property
    def own_words(self) -> dict[str, str]:
        """How the user writes an expression, by how Python's `ast` would."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Subscript | ast.Call | ast.Attribute | ast.BinOp):
                segment = ast.get_source_segment(self.text, node)
                if segment and "\n" not in segment:
                    found.setdefault(ast.unparse(node), segment)
        return found

    @cached_property
    def dicts(self) -> list[dict[str, ast.expr]]:
        """The dicts that are written out with strings for keys."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.Dict)]
        return [
            {
                key.value: value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            }
            for node in found
        ]

    def words(self, text: str) -> str:
        """Return an expression as the user writes it."""
        return self.own_words.get(text, text)

    def nodes(self, site: Site) -> list[ast.expr]:
        """Return the expressions of a statement that a site may be; of what is stored, the value."""
        statement = self.statements.get(site.line)
        if statement is None:
            return []
        if site.kind == "store":
            value = getattr(statement, "value", None)
            return [value] if isinstance(value, ast.expr) else []
        return [n for n in ast.walk(statement) if isinstance(n, ast.expr) and ast.unparse(n) == site.text]

    def edited(self, edit: Edit) -> tuple[int, str, str] | None:
        """Return (line, the line, the line with the edit), or None where it is not within one line."""
        part = edit.part
        if not hasattr(part, "lineno") or part.end_lineno != part.lineno or part.end_col_offset is None:
            return None
        line = self.lines[part.lineno - 1].encode()
        before, after = line[: part.col_offset].decode(), line[part.end_col_offset :].decode()
        wanted = ast.dump(replaced(self.tree, part, edit.tree))
        for text in (edit.text, f"({edit.text})"):
            new = before + text + after
            lines = [*self.lines[: part.lineno - 1], new, *self.lines[part.lineno :]]
            try:
                if ast.dump(ast.parse("\n".join(lines))) == wanted:
                    return part.lineno, line.decode().strip(), new.strip()
            except SyntaxError:
                continue
        return None


class _Replacer(ast.NodeTransformer):
    def __init__(self, part: ast.AST, by: ast.AST) -> None:
        self.part, self.by = part, by

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.part:
            return self.by
        # generic_visit changes nodes in place: the original is to stay as it is.
        twin = copy.copy(node)
        for name, old in ast.iter_fields(node):
            if isinstance(old, list):
                setattr(twin, name, [self.visit(one) if isinstance(one, ast.AST) else one for one in old])
            elif isinstance(old, ast.AST):
                setattr(twin, name, self.visit(old))
        return twin


def replaced(tree: Tree, part: ast.AST, by: ast.AST) -> Tree:
    """Return a tree with one of its nodes replaced; the tree itself stays as it is."""
    found: Any = _Replacer(part, by).visit(tree)
    return cast(Tree, found)


class Sources:
    """All files of a script, read where they are first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read: dict[str, Source | None] = {}

    def of(self, file: str) -> Source | None:
        """Return a file, or None where it cannot be read."""
        if file not in self.read:
            try:
                self.read[file] = Source((self.folder / file).read_text(encoding="utf-8"))
            except (OSError, SyntaxError, ValueError):
                self.read[file] = None
        return self.read[file]
