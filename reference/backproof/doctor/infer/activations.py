"""Which function leads from z to a."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.doctor.infer.values import Values
from backproof.fields import Array
from backproof.layers import LAYERS, Layer
from backproof.layers.functions import softmax

PLAIN = ("sigmoid", "tanh", "relu", "softplus", "elu", "silu", "gelu", "selu", "hard_sigmoid", "log_softmax")
SLOPES = (0.01, 0.1, 0.2, 0.001, 0.05, 0.3)
"""Usual negative slopes of a leaky ReLU, tried besides the numbers in the code."""


@dataclass(frozen=True)
class Activation:
    """A layer of a spec that may follow a dense layer; `amiss` says in what way the code's is not quite that."""

    fields: Mapping[str, Any]
    amiss: str = ""

    @property
    def layer(self) -> Layer:
        """The spec's layer."""
        return LAYERS[self.fields["type"]].model_validate(dict(self.fields))

    @property
    def type(self) -> str:
        """The spec's name for it."""
        return str(self.fields["type"])

    def value(self, z: Array) -> Array:
        """Return a of z (N, G), as the code computes it."""
        if self.amiss:
            return softmax(z.T).T if self is SOFTMAX_OVER_BATCH else softmax(z.ravel()).reshape(z.shape)
        with np.errstate(all="ignore"):
            return self.layer.forward({}, z)[0]


SOFTMAX_OVER_BATCH = Activation({"type": "softmax"}, "over the batch, not over the classes")
SOFTMAX_OVER_ALL = Activation({"type": "softmax"}, "over all entries of the batch, not over the classes")


def candidates(values: Values) -> tuple[Activation, ...]:
    """Return the activations to try: all plain ones, and leaky ReLUs with the slopes that the code mentions."""
    slopes = dict.fromkeys((*_literals(values), *SLOPES))
    leaky = (Activation({"type": "leaky_relu", "negative_slope": slope}) for slope in slopes)
    plain = (Activation({"type": name}) for name in PLAIN)
    tanh_gelu = Activation({"type": "gelu", "approximate": "tanh"})
    return (*plain, tanh_gelu, *leaky, Activation({"type": "softmax"}), SOFTMAX_OVER_BATCH, SOFTMAX_OVER_ALL)


def _literals(values: Values) -> Iterator[float]:
    """Yield the numbers between 0 and 1 that stand in the code's expressions."""
    for text in {site.text for site in values.recording.sites}:
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value < 1:
                yield node.value
