"""Folders whose files register themselves by being there: layers, rows of an adapter, cases, mistakes."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any, TypeVar

Part = TypeVar("Part")


def modules(path: Iterable[str], package: str) -> Iterator[ModuleType]:
    """Import every module of a package, in the order of their names."""
    for found in sorted(pkgutil.iter_modules(path), key=lambda module: module.name):
        yield importlib.import_module(f"{package}.{found.name}")


def by_type(base: type[Part]) -> dict[str, type[Part]]:
    """Return the classes below `base` that state a type, by that type."""

    def concrete(cls: Any) -> list[Any]:
        below = [one for child in cls.__subclasses__() for one in concrete(child)]
        return [cls, *below] if "type" in cls.model_fields else below

    return {str(cls.model_fields["type"].default): cls for cls in concrete(base)}
