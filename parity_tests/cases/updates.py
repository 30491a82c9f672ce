"""What every optimizer can be asked for: groups of parameters, accumulated gradients, averaged weights."""

from backproof.clipping import ClipByNorm
from backproof.optimizers import SGD, Adam, AdamW, Average, Group, Lion, Momentum, Optimizer
from backproof.schedules import StepDecay
from cases.base import case, title

_STEP = StepDecay(initial=0.1, every=1, factor=0.5)
_NO_DECAY_ON_BIASES = (Group(pattern="*.bias", weight_decay=0.0),)
_DECAY_ON_BIASES = (Group(pattern="*.bias", weight_decay=0.5, rate=2.0),)
_AVERAGE = Average(decay=0.9)
_OPTIMIZERS: tuple[Optimizer, ...] = (
    SGD(learning_rate=0.1, weight_decay=0.1, groups=_NO_DECAY_ON_BIASES),
    SGD(
        learning_rate=0.1, groups=(Group(pattern="dense1.*", rate=0.1), Group(pattern="*.bias", weight_decay=0.5))
    ),
    Momentum(learning_rate=_STEP, velocity="updates", groups=(Group(pattern="dense2.weight", rate=0.0),)),
    AdamW(learning_rate=0.01, groups=_NO_DECAY_ON_BIASES),
    AdamW(learning_rate=0.01, epsilon_placement="uncorrected", groups=_NO_DECAY_ON_BIASES),
    AdamW(learning_rate=0.01, groups=_DECAY_ON_BIASES),
    SGD(learning_rate=_STEP, accumulate=2, clip=ClipByNorm(limit=0.1, epsilon=1e-3)),
    SGD(learning_rate=0.1, accumulate=3),
    Momentum(learning_rate=_STEP, velocity="updates", accumulate=2, clip=ClipByNorm(limit=0.1)),
    Adam(learning_rate=0.01, accumulate=2, weight_decay=0.1),
    SGD(learning_rate=0.1, average=_AVERAGE),
    Momentum(learning_rate=0.1, velocity="updates", average=Average(decay=0.9, start="first_update")),
    AdamW(learning_rate=0.01, accumulate=2, average=_AVERAGE),
    Lion(
        learning_rate=0.01,
        accumulate=2,
        average=Average(decay=0.5, start="first_update"),
        groups=_NO_DECAY_ON_BIASES,
    ),
)

CASES = tuple(case(title(optimizer), optimizer=optimizer) for optimizer in _OPTIMIZERS)
