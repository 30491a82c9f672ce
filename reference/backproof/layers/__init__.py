"""The layers: one file each (or a tight family), found by being here.

`LAYERS` maps each `type` to its class. A new file in this folder with a `Layer` subclass is a new layer.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from backproof.discovery import modules
from backproof.layers.base import Buffer, Elementwise, Layer, Own, Parameter, Shape, SideInput

_modules = list(modules(__path__, __name__))


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
    for _layer in LAYERS.values():
        _layer.model_rebuild(_types_namespace={"AnyLayer": AnyLayer})  # combinators hold layers themselves

__all__ = ["LAYERS", "AnyLayer", "Buffer", "Elementwise", "Layer", "Own", "Parameter", "Shape", "SideInput"]
