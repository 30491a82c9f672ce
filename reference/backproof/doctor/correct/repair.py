"""The edit of one line that makes its value the right one, at every step where it was seen."""

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from time import monotonic

import numpy as np

from backproof.doctor.correct.aliases import last_seen
from backproof.doctor.correct.edits import Editor
from backproof.doctor.correct.evaluate import Evaluator, Unknown
from backproof.doctor.correct.expression import called, layer_type
from backproof.doctor.correct.runs import Difference
from backproof.doctor.correct.scope import Frame, Scope
from backproof.doctor.correct.sightings import Sighting, Sightings
from backproof.doctor.correct.source import Edit, Function, Source, replaced
from backproof.doctor.diagnosis import Correction
from backproof.doctor.reading import Reading
from backproof.fields import Array

DERIVATIVES = {
    "sigmoid": ("{0} * (1 - {0})",),
    "tanh": ("1 - {0} ** 2", "1 - {np}.tanh({0}) ** 2"),
    "relu": ("({0} > 0).astype(float)",),
}
"""Derivatives as people write them, of the activation or of its argument."""


@dataclass(frozen=True)
class Case:
    """One evaluation of an expression: what is known there, and what it should have yielded."""

    frame: Frame
    target: Array


@dataclass(frozen=True)
class Repair:
    """An expression that yields a wrong tensor, and the cases on which its correction is tried."""

    source: Source
    reading: Reading
    file: str
    node: ast.expr
    cases: Sequence[Case]
    scaled: bool
    everywhere: bool
    """Whether a function that is called here may be wrong: nothing right comes of it."""
    end: float
    """When to give up."""

    def correction(self) -> Correction | None:
        """Return the first edit that is right in all cases, or None."""
        if not self.cases:
            return None
        statement = self._sign_of_update()
        if statement is not None:
            return statement
        editor = Editor(self.source, self.reading, self.node, self.cases[0].frame, self.scaled)
        simple, definitions, more = (
            self._edits(editor.edits()),
            self._definitions(editor),
            self._edits(editor.additions()),
        )
        return next(chain(simple, definitions, more), None)

    def _edits(self, edits: Iterator[Edit]) -> Iterator[Correction]:
        tried: set[tuple[int, str]] = set()
        for edit in edits:
            if monotonic() > self.end:
                return
            if (id(edit.part), edit.text) not in tried:
                tried.add((id(edit.part), edit.text))
                found = self._written(edit) if self._right(edit) else None
                if found is not None:
                    yield found

    def _right(self, edit: Edit) -> bool:
        try:
            node = replaced(self.node, edit.part, edit.tree)
        except SyntaxError:
            return False
        return all(_yields(self.source, node, case, self.held) for case in self.cases)

    @cached_property
    def held(self) -> dict[str, Function]:
        """Functions that are called by another name, as self.slope(z) may be: told by what they return."""
        found: dict[str, Function] = {}
        known = self.cases[0].frame.known
        for part in ast.walk(self.node):
            if (
                isinstance(part, ast.Call)
                and called(part) not in self.source.functions
                and ast.unparse(part) in known
            ):
                case = Case(self.cases[0].frame, np.asarray(known[ast.unparse(part)]))
                for name, function in self.source.functions.items():
                    direct = ast.Call(ast.Name(name, ast.Load()), part.args, part.keywords)
                    if _yields(self.source, direct, case):
                        found[called(part)] = function
        return found

    def _written(self, edit: Edit) -> Correction | None:
        found = self.source.edited(edit)
        return None if found is None else Correction(self.file, *found)

    def _sign_of_update(self) -> Correction | None:
        """Return the statement w += … as w -= …, or the reverse, if that is right."""
        node = self.node
        if not isinstance(node, ast.BinOp) or not hasattr(node, "of_update"):
            return None
        turned = copy.copy(node)
        turned.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        if not all(_yields(self.source, turned, case) for case in self.cases):
            return None
        line = self.source.lines[node.lineno - 1].strip()
        before, after = ("+=", "-=") if isinstance(node.op, ast.Add) else ("-=", "+=")
        return Correction(self.file, node.lineno, line, line.replace(before, after, 1)) if before in line else None

    def _definitions(self, editor: Editor) -> Iterator[Correction]:
        """Yield corrections of the functions that the expression calls."""
        for part in editor.parts if self.everywhere else ():
            if not isinstance(part, ast.Call):
                continue
            name = called(part)
            function = self.held.get(name) or self.source.functions.get(name)
            if function is None:
                continue
            for statement in ast.walk(function):
                if isinstance(statement, ast.Return) and statement.value is not None:
                    for edit in self._of_formula(function, statement.value, editor.numpy):
                        changed = {name: replaced(function, edit.part, edit.tree)}
                        if all(_yields(self.source, self.node, case, changed) for case in self.cases):
                            found = self._written(edit)
                            if found is not None:
                                yield found

    def _of_formula(self, function: Function, returned: ast.expr, numpy: str) -> Iterator[Edit]:
        argument = next((a.arg for a in function.args.args if a.arg != "self"), None)
        if argument is None:
            return
        for part in ast.walk(returned):
            match part:
                case ast.Compare(left=left, ops=[ast.GtE()], comparators=[right]):
                    yield Edit(part, f"{ast.unparse(left)} > {ast.unparse(right)}")
                case ast.Call(args=[ast.BinOp(op=ast.Pow(), left=left, right=right)]) as call:
                    inside = self.source.words(ast.unparse(left))
                    yield Edit(part, f"{ast.unparse(call.func)}({inside}) ** {ast.unparse(right)}")
                case ast.keyword(arg="axis", value=value) if isinstance(value, ast.Constant | ast.UnaryOp):
                    yield Edit(value, "0")
                    yield Edit(value, "1")
                case ast.Call(func=ast.Attribute(attr="sum"), keywords=keywords) if not keywords:
                    segment = ast.get_source_segment(self.source.text, part) or ast.unparse(part)
                    for axis in (1, 0):
                        yield Edit(part, f"{segment[:-1]}, axis={axis}, keepdims=True)")
        for kind in {layer_type(layer) for layer in self.reading.spec.layers}:
            for formula in DERIVATIVES.get(kind, ()):
                yield Edit(returned, formula.format(argument, np=numpy))


def _yields(source: Source, node: ast.AST, case: Case, functions: dict[str, Function] | None = None) -> bool:
    """Return whether an expression has the right value."""
    try:
        found = np.asarray(Evaluator(source, case.frame.known, functions).value(node))
    except (Unknown, ValueError):
        return False
    if found.dtype.kind not in "fi" or found.shape != case.target.shape:
        return False
    slack = 1e-4 if np.float32 in (found.dtype, case.target.dtype) else 1e-8
    with np.errstate(all="ignore"):
        return bool(np.abs(found - case.target).max(initial=0) <= slack * np.abs(case.target).max(initial=0))


def cases(
    sightings: Sightings,
    scope: Scope,
    source: Source,
    difference: Difference,
    first: Sighting,
    unassigned: bool = False,
) -> list[Case]:
    """Return the evaluations of one place, one in each step.

    If `unassigned`, the name seen there still has the value that it was given as a whole.
    """
    found: list[Case] = []
    for number in range(min(len(sightings.windows), len(difference.wrong))):
        own = sightings.of(difference.wrong[number], number, [first.factor])
        sighting = next((one for one in own if (one.site, one.flipped) == (first.site, first.flipped)), None)
        if sighting is not None:
            right = difference.right[number]
            shape = sightings.shape(sighting, difference.name, right.size)
            if int(np.prod(shape)) != right.size:
                continue
            frame = scope.frame(source, sighting.site, sighting.time, sightings.windows[number])
            name = sightings.site(sighting)
            stored = last_seen(sightings, name, name.text, "store", sighting.time) if unassigned else None
            if stored is not None:
                frame = replace(frame, known={**frame.known, name.text: sightings.values.array(stored)})
            found.append(Case(frame, sighting.laid(right, shape)))
    return found


def nodes(source: Source, sightings: Sightings, sighting: Sighting) -> list[ast.expr]:
    """Return the expressions that a sighting may be; w op= v counts as w op v."""
    site = sightings.site(sighting)
    statement = source.statements.get(site.line)
    if site.kind == "store" and isinstance(statement, ast.AugAssign):
        target: ast.expr = copy.deepcopy(statement.target)
        target.ctx = ast.Load()  # type: ignore[attr-defined]
        whole = ast.copy_location(ast.BinOp(target, statement.op, statement.value), statement)
        whole.of_update = True  # type: ignore[attr-defined]
        return [whole]
    return source.nodes(site)
