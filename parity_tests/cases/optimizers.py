"""Optimizers, schedules and clipping."""

from backproof.clipping import ClipByNorm, ClipByValue
from backproof.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Momentum,
    Muon,
    Nadam,
    Optimizer,
    RMSprop,
)
from backproof.schedules import Cosine, StepDecay, WarmUp
from cases.base import case, title

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
    RMSprop(learning_rate=0.01, centered=True),
    RMSprop(learning_rate=_STEP, momentum=0.9),
    RMSprop(learning_rate=_STEP, momentum=0.9, velocity="updates"),
    RMSprop(learning_rate=_STEP, epsilon_placement="inside", centered=True, momentum=0.9, velocity="updates"),
    Adadelta(learning_rate=1.0, weight_decay=0.1),
    Adadelta(learning_rate=1.0, epsilon=1e-3, weight_decay=0.1, decay="decoupled"),
    Adam(learning_rate=0.01),
    Adam(learning_rate=0.01, epsilon=1e-3, beta1=0.8, beta2=0.99),
    Adam(learning_rate=0.01, epsilon=1e-7, epsilon_placement="uncorrected"),
    Adam(learning_rate=0.01, weight_decay=0.1),
    Adam(learning_rate=_COSINE, weight_decay=0.1, decay="decoupled", epsilon_placement="uncorrected"),
    Adam(learning_rate=0.01, weight_decay=0.1, clip=ClipByNorm(limit=0.1)),
    Adam(learning_rate=0.1, amsgrad="uncorrected"),
    Adam(learning_rate=0.1, amsgrad="corrected"),
    Adam(learning_rate=0.1, amsgrad="uncorrected", epsilon_placement="uncorrected"),
    AdamW(learning_rate=0.01),
    AdamW(learning_rate=0.1, amsgrad="uncorrected"),
    AdamW(learning_rate=0.1, amsgrad="corrected", epsilon_placement="uncorrected"),
    AdamW(learning_rate=WarmUp(start=0.001, steps=2, then=_COSINE), epsilon_placement="uncorrected"),
    Adamax(learning_rate=0.01, epsilon=1e-2, weight_decay=0.1),
    Adamax(learning_rate=0.01, epsilon=1e-2, epsilon_placement="outside"),
    Adamax(learning_rate=0.01, weight_decay=0.1, decay="decoupled"),
    Nadam(learning_rate=0.01, momentum_decay=0.004),
    Nadam(learning_rate=0.01, momentum_decay=1.0, weight_decay=0.1, decay="decoupled"),
    Nadam(learning_rate=0.01, weight_decay=0.1),
    Lion(learning_rate=0.01, weight_decay=0.1),
    Lion(learning_rate=0.01, weight_decay=0.1, decay="l2"),
    Muon(learning_rate=0.01, consistent_rms=0.2),
    Muon(learning_rate=0.01, velocity="sum", nesterov=False, amsgrad="uncorrected", weight_decay=0.1),
    Muon(learning_rate=0.01, velocity="corrected", weight_decay=0.1, decay="l2"),
    Muon(
        learning_rate=0.01,
        velocity="corrected",
        nesterov=False,
        amsgrad="corrected",
        epsilon_placement="uncorrected",
    ),
)

CASES = tuple(case(title(optimizer), optimizer=optimizer) for optimizer in _OPTIMIZERS)
