"""The one table of cases: every test that compares implementations runs over it.

A case is a spec and the number of steps it runs for. Sizes are distinct (4 inputs, 5 hidden units, 3 outputs, 6
observations), so that no transposition hides in a square; the square cases are there to show one. Initial biases
are not zero, so that no unit starts exactly at a kink. `test_table.py` fails when a layer, a loss, an optimizer,
or one value of one of their fields has no row here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from backproof.clipping import ClipByNorm, ClipByValue
from backproof.initializers import Constant, Glorot, He, LeCun, Normal, Uniform
from backproof.layers import Layer
from backproof.layers.dense import Dense
from backproof.layers.exponential import CELU, ELU, SELU
from backproof.layers.gelu import GELU
from backproof.layers.relu import LeakyReLU, ReLU
from backproof.layers.sigmoid import HardSigmoid, Sigmoid
from backproof.layers.silu import SiLU
from backproof.layers.softmax import LogSoftmax, Softmax
from backproof.layers.softplus import Softplus
from backproof.layers.tanh import Tanh
from backproof.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    BinaryCrossEntropyWithLogits,
    CrossEntropy,
    Huber,
    Loss,
    SquaredError,
)
from backproof.optimizers import SGD, Adagrad, Adam, AdamW, Momentum, Optimizer, RMSprop
from backproof.schedules import Cosine, StepDecay, WarmUp
from backproof.spec import ModelSpec

BATCH = 6
STEPS = 3


@dataclass(frozen=True)
class Case:
    """One row: what is compared, and a name to find it by."""

    name: str
    spec: ModelSpec


SGD_TENTH = SGD(learning_rate=0.1)
HALF_SQUARES = SquaredError(factor=0.5, reduction="batch_mean")


def dense(units: int, **fields: Any) -> Dense:
    """A dense layer whose biases are not zero."""
    return Dense(units=units, bias_initializer=Normal(std=0.3), **fields)


def case(
    name: str,
    layers: Sequence[Layer] | None = None,
    loss: Loss = HALF_SQUARES,
    optimizer: Optimizer = SGD_TENTH,
    input_shape: tuple[int, ...] = (4,),
    seed: int = 7,
) -> Case:
    """One row; where no layers are given, a small tanh network."""
    return Case(
        name,
        ModelSpec(
            name=name,
            input_shape=input_shape,
            layers=tuple(layers or (dense(5), Tanh(), dense(3))),
            loss=loss,
            optimizer=optimizer,
            seed=seed,
        ),
    )


ACTIVATIONS: tuple[Layer, ...] = (
    Sigmoid(),
    HardSigmoid(),
    Tanh(),
    ReLU(),
    LeakyReLU(),
    LeakyReLU(negative_slope=0.2),
    ELU(),
    ELU(alpha=1.7),
    SELU(),
    CELU(),
    CELU(alpha=0.3),
    Softplus(),
    SiLU(),
    GELU(),
    GELU(approximate="tanh"),
    Softmax(),
    LogSoftmax(),
)


def _title(part: Any) -> str:
    """Name a part of a spec by its type and whatever differs from the defaults."""
    given = {k: v for k, v in part.model_dump(exclude_defaults=True).items() if k not in ("type", "name")}
    return " ".join([part.type, *(f"{k}={_brief(v)}" for k, v in given.items())])


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + " ".join(_brief(v) for v in value.values()) + ")"
    return str(value)


_LAYERS = [
    case("one dense layer", [dense(3)]),
    case("dense without bias", [Dense(units=5, bias=False), Tanh(), Dense(units=3, bias=False)]),
    case("dense over the last of several axes", [dense(5), Tanh(), dense(3)], input_shape=(2, 4)),
    case("square layers", [dense(4), Sigmoid(), dense(4), Tanh(), dense(4)]),
    case("one output", [dense(5), Sigmoid(), dense(1)]),
    case("deep and narrow", [dense(3), Tanh(), dense(4), SiLU(), dense(2), Softplus(), dense(5), Sigmoid()]),
    case("constant weights", [dense(5, weight_initializer=Constant(value=0.5)), Tanh(), dense(3)]),
    case("uniform weights", [dense(5, weight_initializer=Uniform(low=-1.0, high=1.0)), Tanh(), dense(3)]),
    case("normal weights", [dense(5, weight_initializer=Normal(std=0.5)), Tanh(), dense(3)]),
    *(
        case(
            f"{scheme.__name__} {draws}",
            [dense(5, weight_initializer=scheme(distribution=draws)), Tanh(), dense(3)],
        )
        for scheme in (Glorot, He, LeCun)
        for draws in get_args(scheme.model_fields["distribution"].annotation)
    ),
    *(case(_title(f), [dense(5), f, dense(3)]) for f in ACTIVATIONS),
    *(case(f"{_title(f)} as output", [dense(5), Tanh(), dense(3), f]) for f in ACTIVATIONS[:3] + ACTIVATIONS[-2:]),
]

_REDUCTIONS = get_args(Loss.model_fields["reduction"].annotation)
_OUTPUT_IN_0_1 = [dense(5), Tanh(), dense(3), Sigmoid()]
_LOSSES = [
    *(
        case(_title(loss), _OUTPUT_IN_0_1 if isinstance(loss, BinaryCrossEntropy) else None, loss)
        for reduction in _REDUCTIONS
        for loss in (
            SquaredError(reduction=reduction),
            SquaredError(reduction=reduction, factor=0.5),
            AbsoluteError(reduction=reduction),
            Huber(reduction=reduction, delta=0.3),
            BinaryCrossEntropy(reduction=reduction),
            BinaryCrossEntropyWithLogits(reduction=reduction, factor=0.5),
            CrossEntropy(reduction=reduction),
        )
    ),
    case("huber with its default delta", loss=Huber()),
    case("cross_entropy smoothed", loss=CrossEntropy(label_smoothing=0.1)),
    case("cross_entropy one_hot", loss=CrossEntropy(targets="one_hot")),
    case("cross_entropy one_hot smoothed", loss=CrossEntropy(targets="one_hot", label_smoothing=0.2, factor=0.7)),
    case("cross_entropy per position", loss=CrossEntropy(), input_shape=(2, 4)),
]

_STEP = StepDecay(initial=0.1, every=1, factor=0.5)
_COSINE = Cosine(initial=0.1, steps=4, final=0.01)
_OPTIMIZERS: tuple[Optimizer, ...] = (
    SGD(learning_rate=1e-5),
    SGD(learning_rate=_STEP),
    SGD(learning_rate=_COSINE),
    SGD(learning_rate=WarmUp(start=0.01, steps=2, then=0.1)),
    SGD(learning_rate=WarmUp(start=0.01, steps=2, then=_COSINE)),
    SGD(learning_rate=0.1, weight_decay=0.1),
    SGD(learning_rate=0.1, weight_decay=0.1, decay="decoupled"),
    SGD(learning_rate=0.1, clip=ClipByValue(limit=0.1)),
    SGD(learning_rate=0.1, clip=ClipByNorm(limit=0.3)),
    SGD(learning_rate=0.1, clip=ClipByNorm(limit=0.3, epsilon=1e-6)),
    SGD(learning_rate=0.1, clip=ClipByNorm(limit=0.1, scope="tensor")),
    SGD(learning_rate=0.1, clip=ClipByNorm(limit=0.1, scope="tensor", epsilon=1e-3)),
    *(
        Momentum(learning_rate=rate, nesterov=nesterov, velocity=velocity)
        for rate in (0.1, _STEP)
        for nesterov in (False, True)
        for velocity in ("gradients", "updates")
    ),
    Momentum(learning_rate=0.1, weight_decay=0.1),
    Momentum(learning_rate=0.1, weight_decay=0.1, decay="decoupled", velocity="updates"),
    Adagrad(learning_rate=0.1),
    Adagrad(learning_rate=0.1, epsilon=1e-3, weight_decay=0.1),
    Adagrad(learning_rate=0.1, epsilon=1e-7, epsilon_placement="inside", initial_accumulator=0.1),
    Adagrad(learning_rate=0.1, epsilon_placement="inside", weight_decay=0.1, decay="decoupled"),
    RMSprop(learning_rate=0.01),
    RMSprop(learning_rate=0.01, epsilon=1e-3, weight_decay=0.1),
    RMSprop(learning_rate=0.01, rho=0.9, epsilon=1e-7, epsilon_placement="inside"),
    RMSprop(learning_rate=_STEP, epsilon_placement="inside", weight_decay=0.1, decay="decoupled"),
    Adam(learning_rate=0.01),
    Adam(learning_rate=0.01, epsilon=1e-3, beta1=0.8, beta2=0.99),
    Adam(learning_rate=0.01, epsilon=1e-7, epsilon_placement="uncorrected"),
    Adam(learning_rate=0.01, weight_decay=0.1),
    Adam(learning_rate=_COSINE, weight_decay=0.1, decay="decoupled", epsilon_placement="uncorrected"),
    Adam(learning_rate=0.01, weight_decay=0.1, clip=ClipByNorm(limit=0.1)),
    AdamW(learning_rate=0.01),
    AdamW(learning_rate=WarmUp(start=0.001, steps=2, then=_COSINE), epsilon_placement="uncorrected"),
)

CASES: tuple[Case, ...] = (*_LAYERS, *_LOSSES, *(case(_title(o), optimizer=o) for o in _OPTIMIZERS))
"""Every case, layers first, then losses, then optimizers."""
