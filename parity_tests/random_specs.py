"""Random correct cases: any network, loss, optimizer, weights and data that the spec can say.

Hypothesis draws the structure, so that a failure shrinks to a small spec; weights and data come from NumPy with a
drawn seed. Sizes are small because rounding does not care, and thousands of cases must be cheap.
"""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from backproof.clipping import Clip, ClipByNorm, ClipByValue
from backproof.initializers import AnyInitializer, Constant, Glorot, He, LeCun, Normal, Uniform
from backproof.layers import Layer
from backproof.layers.dense import Dense
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.softmax import LogSoftmax, Softmax
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
from backproof.schedules import Cosine, Schedule, StepDecay, WarmUp
from backproof.spec import Batch, ModelSpec
from cases import ACTIVATIONS

REDUCTIONS = st.sampled_from(["sum", "batch_mean", "mean"])


@dataclass(frozen=True)
class RandomCase:
    """A spec with the data it is run on."""

    spec: ModelSpec
    batch_size: int
    steps: int
    data_scale: float

    def with_seed(self, seed: int) -> "RandomCase":
        """Return the same structure with other weights and data."""
        return RandomCase(
            self.spec.model_copy(update={"seed": seed}), self.batch_size, self.steps, self.data_scale
        )

    def batches(self) -> list[Batch]:
        """Return the data of every step."""
        drawn = [self.spec.random_batch(self.batch_size, seed=step) for step in range(self.steps)]
        return [Batch(self.data_scale * x, y) for x, y in drawn]


def log_uniform(low: float, high: float) -> SearchStrategy[float]:
    """Floats spread evenly over magnitudes, rounded to two digits so that a failing spec reads well."""
    return st.floats(np.log10(low), np.log10(high)).map(lambda e: float(f"{10**e:.1e}"))


def initializers() -> SearchStrategy[AnyInitializer]:
    """Every initialiser, at scales people use."""
    distribution = st.sampled_from(["uniform", "normal", "truncated_normal"])
    return st.one_of(
        *(st.builds(kind, distribution=distribution) for kind in (Glorot, He, LeCun)),
        st.builds(Normal, mean=st.sampled_from([0.0, 0.5]), std=log_uniform(0.01, 1.0)),
        log_uniform(0.05, 1.0).map(lambda limit: Uniform(low=-limit, high=limit)),
        st.just(Uniform()),
    )


def dense_layers(units: SearchStrategy[int]) -> SearchStrategy[Dense]:
    """Dense layers with weights that differ: equal ones make many gradients cancel to exactly nothing."""
    return st.builds(
        Dense,
        units=units,
        bias=st.booleans(),
        weight_initializer=initializers(),
        bias_initializer=st.one_of(log_uniform(0.1, 1.0).map(lambda b: Constant(value=b)), initializers()),
    )


@st.composite
def layers(draw: st.DrawFn, loss: Loss) -> tuple[Layer, ...]:
    """One to four dense layers with activations between, and an end that the loss is defined for."""
    units = st.integers(1, 7)
    chain: list[Layer] = []
    for _ in range(draw(st.integers(0, 3))):
        chain.append(draw(dense_layers(units)))
        if draw(st.integers(0, 9)):
            chain.append(draw(activations(chain[-1])))
    last = draw(dense_layers(st.integers(2, 7) if isinstance(loss, CrossEntropy) else units))
    chain.append(last)
    if isinstance(loss, BinaryCrossEntropy):
        chain.append(draw(st.sampled_from([Sigmoid(), Softmax()])) if last.units > 1 else Sigmoid())
    elif isinstance(loss, SquaredError | AbsoluteError | Huber) and draw(st.booleans()):
        chain.append(draw(activations(last)))
    return tuple(chain)


def activations(before: Layer) -> SearchStrategy[Layer]:
    """Every activation that is not constant: softmax over a single unit is 1 whatever its input."""
    alone = isinstance(before, Dense) and before.units == 1
    return st.sampled_from([f for f in ACTIVATIONS if not (alone and isinstance(f, Softmax | LogSoftmax))])


def losses() -> SearchStrategy[Loss]:
    """Every loss with every reduction."""
    common = {"factor": st.sampled_from([1.0, 0.5, 0.7]), "reduction": REDUCTIONS}
    return st.one_of(
        st.builds(SquaredError, **common),
        st.builds(AbsoluteError, **common),
        st.builds(Huber, delta=log_uniform(0.1, 3.0), **common),
        st.builds(BinaryCrossEntropy, **common),
        st.builds(BinaryCrossEntropyWithLogits, **common),
        st.builds(
            CrossEntropy,
            targets=st.sampled_from(["integer", "one_hot"]),
            label_smoothing=st.sampled_from([0.0, 0.1, 0.3]),
            **common,
        ),
    )


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Every schedule, short enough to show within a few steps."""
    initial = draw(log_uniform(1e-2, 0.3))
    plain: tuple[StepDecay | Cosine, ...] = (
        StepDecay(initial=initial, every=1, factor=0.3),
        StepDecay(initial=initial, every=2),
        Cosine(initial=initial, steps=4, final=initial / 8),
    )
    after = draw(st.sampled_from(plain))
    then = initial if draw(st.booleans()) else after
    return WarmUp(start=initial / 4, steps=2, then=then) if draw(st.booleans()) else after


def clips() -> SearchStrategy[Clip]:
    """Every kind of clipping."""
    return st.one_of(
        st.builds(ClipByValue, limit=log_uniform(0.03, 1.0)),
        st.builds(
            ClipByNorm,
            limit=log_uniform(0.03, 10.0),
            scope=st.sampled_from(["global", "tensor"]),
            epsilon=st.sampled_from([0.0, 1e-6, 1e-3]),
        ),
    )


def optimizers() -> SearchStrategy[Optimizer]:
    """Every optimizer in every convention."""
    rates = st.one_of(log_uniform(3e-3, 0.5), schedules())
    common = {
        "learning_rate": rates,
        "weight_decay": st.sampled_from([0.0, 0.0, 1e-4, 0.1]),
        "clip": st.one_of(st.none(), st.none(), clips()),
    }
    decay = st.sampled_from(["l2", "decoupled"])
    epsilon = st.sampled_from([1e-10, 1e-8, 1e-7, 1e-3])
    placement = st.sampled_from(["outside", "inside"])
    adam = {
        "beta1": st.sampled_from([0.9, 0.5, 0.0]),
        "beta2": st.sampled_from([0.999, 0.99, 0.9]),
        "epsilon": epsilon,
        "epsilon_placement": st.sampled_from(["corrected", "uncorrected"]),
    }
    return st.one_of(
        st.builds(SGD, decay=decay, **common),
        st.builds(
            Momentum,
            decay=decay,
            momentum=st.sampled_from([0.9, 0.5, 0.99]),
            nesterov=st.booleans(),
            velocity=st.sampled_from(["gradients", "updates"]),
            **common,
        ),
        st.builds(
            Adagrad,
            decay=decay,
            epsilon=epsilon,
            epsilon_placement=placement,
            initial_accumulator=st.sampled_from([0.0, 0.1]),
            **common,
        ),
        st.builds(
            RMSprop,
            decay=decay,
            rho=st.sampled_from([0.99, 0.9]),
            epsilon=epsilon,
            epsilon_placement=placement,
            **common,
        ),
        st.builds(Adam, decay=decay, **adam, **common),
        st.builds(AdamW, **adam, **common),
    )


@st.composite
def random_cases(draw: st.DrawFn) -> RandomCase:
    """A whole case."""
    loss = draw(losses())
    shape = draw(st.one_of(st.tuples(st.integers(1, 7)), st.tuples(st.integers(1, 3), st.integers(1, 6))))
    spec = ModelSpec(
        input_shape=shape,
        layers=draw(layers(loss)),
        loss=loss,
        optimizer=draw(optimizers()),
        seed=draw(st.integers(0, 2**32 - 1)),
    )
    return RandomCase(
        spec, draw(st.integers(1, 8)), draw(st.integers(1, 3)), draw(st.sampled_from([1.0, 0.1, 3.0]))
    )
