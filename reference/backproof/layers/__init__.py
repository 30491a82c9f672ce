"""The layers: one file each (or a tight family), found by being here.

`LAYERS` maps each `type` to its class. A new file in this folder with a `Layer` subclass is a new layer.
"""

import importlib
import pkgutil
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from backproof.layers.base import Elementwise, Layer, Parameter

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def _concrete(cls: type[Layer]) -> list[type[Layer]]:
    """Return the classes below `cls` that state a type."""
    below = [layer for child in cls.__subclasses__() for layer in _concrete(child)]
    return [cls, *below] if "type" in cls.model_fields else below


LAYERS: dict[str, type[Layer]] = {str(layer.model_fields["type"].default): layer for layer in _concrete(Layer)}

if TYPE_CHECKING:
    AnyLayer = Layer
else:
    _union: Any = reduce(or_, LAYERS.values())
    AnyLayer = Annotated[_union, Field(discriminator="type")]

__all__ = ["LAYERS", "AnyLayer", "Elementwise", "Layer", "Parameter"]
