"""Random networks: layers that fit each other, a loss that is defined for what they return, an optimizer."""

import math
from collections.abc import Sequence

import numpy as np
from pydantic import ValidationError

from backproof.errors import BadInput
from backproof.fuzz.draw import Part, Rng, part, pick
from backproof.layers import LAYERS, Layer, Shape, chain
from backproof.layers.combinators import Composite, Parallel, Residual
from backproof.layers.dense import Dense
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.softmax import LogSoftmax
from backproof.losses import LOSSES, Loss
from backproof.optimizers import OPTIMIZERS
from backproof.spec import ModelSpec, Shared
from backproof.step import Network

LARGEST = 200
"""The largest output of a layer, and the largest number of parameters of one, ten times that."""

ATTEMPTS = 10

NOTHING = 1e-9
"""A gradient that is nowhere larger is nothing but rounding: the loss of a single class, say."""

_SIMPLE = [kind for kind in LAYERS.values() if not issubclass(kind, Composite)]
_BLOCKS = [kind for kind in LAYERS.values() if issubclass(kind, Composite)]


def structure(seed: int, number: int) -> ModelSpec:
    """Return network `number` of the campaign `seed`."""
    rng = np.random.default_rng([seed, number, 1])
    while True:
        try:
            if _defined(spec := _network(rng)):
                return spec
        except (ValidationError, ValueError, BadInput, LookupError):
            continue  # parts that do not fit: drawn anew


def _network(rng: Rng) -> ModelSpec:
    """Return a random network.

    Raises
    ------
    ValueError
        If what was drawn does not fit.
    """
    shape, layers = _beginning(rng)
    layers += _chain(rng, chain.output_shape(chain.named(layers), shape), int(rng.integers(1, 6)))
    output = chain.output_shape(chain.named(layers), shape)
    spec = ModelSpec(
        input_shape=shape,
        layers=tuple(layers),
        loss=_loss(rng, output),
        optimizer=_drawn(rng, list(OPTIMIZERS.values())),
    )
    if not _defined(spec):  # a loss on probabilities, say
        ending = (*spec.layers, pick(rng, [Sigmoid(), LogSoftmax()]))
        spec = spec.model_copy(update={"layers": ending})
    return _sharing(rng, spec) if rng.random() < 0.2 else spec


def _beginning(rng: Rng) -> tuple[Shape, list[Layer]]:
    """Return the shape of an observation, and a first layer where the input is indices."""

    def size(most: int) -> int:
        return int(rng.integers(2, most + 1))

    indexed = [kind for kind in _SIMPLE if kind.indices is not Layer.indices]
    choice = rng.integers(6)
    if choice == 0:
        return (size(6),), [_drawn(rng, indexed)]
    if choice == 1:
        return (size(6),), []
    return ((size(5), size(6)) if choice <= 3 else (size(7), size(7), size(3))), []


def _chain(rng: Rng, shape: Shape, length: int, depth: int = 0) -> list[Layer]:
    """Return layers that fit each other and begin with this shape."""
    layers: list[Layer] = []
    for _ in range(length):
        layer = _layer(rng, shape, depth)
        layers.append(layer)
        shape = layer.output_shape(shape)
    return layers


def _layer(rng: Rng, shape: Shape, depth: int) -> Layer:
    """Return a layer that takes this shape; one in four is dense, one in eight a block."""
    for _ in range(ATTEMPTS):
        choice = rng.integers(8)
        kind: type[Layer] = pick(rng, _BLOCKS if choice == 2 and depth < 2 else _SIMPLE)
        kind = Dense if choice < 2 else kind
        for _ in range(ATTEMPTS):  # some kinds seldom fit: a fair chance for each
            try:
                layer = _block(rng, kind, shape, depth) if issubclass(kind, Composite) else _drawn(rng, [kind])
                if layer.indices() is None and _small(layer, shape):
                    return layer
            except (ValidationError, ValueError, LookupError):
                continue
    raise ValueError(f"no layer found for {shape}")


def _small(layer: Layer, shape: Shape) -> bool:
    size = math.prod(layer.output_shape(shape))
    weights = sum(math.prod(p.shape) for p in layer.parameters(shape).values())
    return 0 < size <= LARGEST and weights <= 10 * LARGEST


def _block(rng: Rng, kind: type[Layer], shape: Shape, depth: int) -> Layer:
    if issubclass(kind, Parallel):
        branches = tuple(tuple(_chain(rng, shape, int(rng.integers(0, 3)), depth + 1)) for _ in range(2))
        return kind(branches=branches, combination=pick(rng, ["add", "concatenate"]))
    layers = _chain(rng, shape, int(rng.integers(1, 4)), depth + 1)
    if issubclass(kind, Residual) and chain.output_shape(chain.named(layers), shape) != shape:
        layers.append(Dense(units=shape[-1]))
    return kind.model_validate({"layers": tuple(layers)})


def _loss(rng: Rng, output: Shape) -> Loss:
    for _ in range(ATTEMPTS):
        loss = _drawn(rng, list(LOSSES.values()))
        try:
            loss.check_output(output)
        except (BadInput, ValueError):
            continue
        return loss
    raise ValueError(f"no loss found for {output}")


def _drawn(rng: Rng, kinds: Sequence[type[Part]]) -> Part:
    """Return a random part of one of these kinds."""
    for _ in range(ATTEMPTS):
        if (made := part(rng, pick(rng, kinds))) is not None:
            return made
    raise ValueError("nothing could be drawn")


def _sharing(rng: Rng, spec: ModelSpec) -> ModelSpec:
    """Return the spec with two parameters made one, where two are alike or each other's transpose."""
    names = list(spec.parameters)
    pairs = [
        Shared(parameter=other, of=one, transposed=transposed)
        for i, one in enumerate(names)
        for other in names[i + 1 :]
        for transposed in (False, True)
        if spec.parameters[other].shape == spec.parameters[one].shape[:: -1 if transposed else 1]
    ]
    return spec.model_copy(update={"shared": (pick(rng, pairs),)}) if pairs else spec


def _defined(spec: ModelSpec) -> bool:
    """Return whether one step of the network is finite, and its gradient more than rounding."""
    network = Network(spec)
    x, y = spec.random_batch(2)
    with np.errstate(all="ignore"):
        record = network.step(network.initial_state(), x, y)
    finite = all(bool(np.all(np.isfinite(tensor))) for _, _, tensor in record.tensors())
    slopes = [g for phase, _, g in record.tensors() if phase == "backward"]
    return finite and max(float(np.abs(g).max(initial=0.0)) for g in slopes) > NOTHING
