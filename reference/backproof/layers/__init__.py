"""The layers: one file each (or a tight family), found by being here.

`LAYERS` maps each `type` to its class. A new file in this folder with a `Layer` subclass is a new layer.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from backproof.discovery import by_type, modules
from backproof.layers.base import Buffer, Elementwise, Layer, Own, Parameter, Shape, SideInput

_modules = list(modules(__path__, __name__))
LAYERS: dict[str, type[Layer]] = by_type(Layer)

if TYPE_CHECKING:
    AnyLayer = Layer
else:
    _union: Any = reduce(or_, LAYERS.values())
    AnyLayer = Annotated[_union, Field(discriminator="type")]
    for _layer in LAYERS.values():
        _layer.model_rebuild(_types_namespace={"AnyLayer": AnyLayer})  # combinators hold layers themselves

__all__ = ["LAYERS", "AnyLayer", "Buffer", "Elementwise", "Layer", "Own", "Parameter", "Shape", "SideInput"]
