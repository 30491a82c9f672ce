"""Folders whose files register themselves by being there: layers, rows of an adapter, cases, mistakes."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType


def modules(path: Iterable[str], package: str) -> Iterator[ModuleType]:
    """Import every module of a package, in the order of their names."""
    for found in sorted(pkgutil.iter_modules(path), key=lambda module: module.name):
        yield importlib.import_module(f"{package}.{found.name}")
