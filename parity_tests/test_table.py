"""The table is closed: a layer, a loss, an optimizer or a convention without a case or a row fails here."""

import importlib
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from backproof import clipping, initializers, losses, optimizers, schedules
from backproof.fields import Fields
from backproof.layers import LAYERS
from cases import CASES
from coverage_table import COLUMNS, IMPLEMENTATIONS, TABLE


def _members(annotated_union: Any) -> dict[str, type[Fields]]:
    """Return the classes of a discriminated union by their type."""
    return {member.model_fields["type"].default: member for member in get_args(get_args(annotated_union)[0])}


PARTS: dict[str, Mapping[str, type[Fields]]] = {
    "layer": LAYERS,
    "loss": _members(losses.AnyLoss),
    "optimizer": _members(optimizers.AnyOptimizer),
    "initializer": _members(initializers.AnyInitializer),
    "schedule": _members(schedules.Schedule),
    "clip": _members(clipping.Clip),
}


def _parts(value: Any) -> list[Fields]:
    """Return every part of a spec, at any depth."""
    if isinstance(value, tuple):
        return [part for item in value for part in _parts(item)]
    if not isinstance(value, BaseModel):
        return []
    below = [part for name in type(value).model_fields for part in _parts(getattr(value, name))]
    return [value, *below] if isinstance(value, Fields) else below


def _values(annotation: Any) -> tuple[object, ...]:
    """Return the values of a field that has a few: those of a Literal, or True and False."""
    if annotation is bool:
        return (True, False)
    return get_args(annotation) if get_origin(annotation) is Literal else ()


PUBLISHED = ("layer", "loss", "optimizer")

USED = [part for case in CASES for part in _parts(case.spec)]


@pytest.mark.parametrize(
    "cls", [cls for classes in PARTS.values() for cls in classes.values()], ids=lambda cls: cls.__name__
)
def test_every_part_of_the_spec_has_a_case(cls: type[Fields]) -> None:
    assert any(type(part) is cls for part in USED)


@pytest.mark.parametrize(
    ("cls", "field", "value"),
    [
        (cls, name, value)
        for classes in PARTS.values()
        for cls in classes.values()
        for name, field in cls.model_fields.items()
        for value in _values(field.annotation)
        if name != "type"
    ],
    ids=str,
)
def test_every_value_of_every_convention_has_a_case(cls: type[Fields], field: str, value: object) -> None:
    assert any(isinstance(part, cls) and getattr(part, field) == value for part in USED)


@pytest.mark.parametrize(
    ("kind", "module"), [("layer", "layers"), ("loss", "losses"), ("optimizer", "optimizers")]
)
def test_every_adapter_has_a_row_for_every_part_and_none_besides(framework: str, kind: str, module: str) -> None:
    pytest.importorskip(framework)
    adapter = importlib.import_module(f"backproof_adapters.{framework}.{module}")
    assert set(adapter.ROWS) == set(PARTS[kind])


def test_the_published_table_has_every_part_in_every_implementation_and_no_blank_cell() -> None:
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| ") and "---" not in line]
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if "implementation" not in line]
    assert sorted(row[0] for row in rows if row[0]) == sorted(name for kind in PUBLISHED for name in PARTS[kind])
    assert [row[1] for row in rows] == [*IMPLEMENTATIONS] * (len(rows) // len(IMPLEMENTATIONS))
    assert all(len(row) == 2 + len(COLUMNS) and all(row[1:]) for row in rows)
