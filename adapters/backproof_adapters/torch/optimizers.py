"""The table of optimizers: native where torch.optim has the convention, else from `conventions`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from backproof.clipping import Clip
from backproof.optimizers import Optimizer as OptimizerFields
from backproof_adapters.base import row_for
from backproof_adapters.torch import conventions

Groups = list[dict[str, Any]]
Build = Callable[[Any, Groups], torch.optim.Optimizer]

TORCH_EPSILON = 1e-6
"""What clip_grad_norm_ adds to the norm; it cannot be told otherwise."""


@dataclass(frozen=True)
class OptimizerRow:
    """How an optimizer is built, and under which key of its state each slot lies."""

    build: Build
    slots: Mapping[str, str] = field(default_factory=dict)


def _decay(o: OptimizerFields) -> dict[str, float]:
    """Return the decay as the optimizers of `conventions` take it."""
    return {"weight_decay" if o.decay == "l2" else "decoupled_weight_decay": o.weight_decay}


def _decoupled(o: OptimizerFields) -> bool:
    return o.decay == "decoupled" and o.weight_decay != 0.0


def _sgd(o: Any, groups: Groups) -> torch.optim.Optimizer:
    if _decoupled(o):
        return conventions.SGD(groups, o.rate(0), **_decay(o))
    return torch.optim.SGD(groups, o.rate(0), weight_decay=o.weight_decay, foreach=False)


def _momentum(o: Any, groups: Groups) -> torch.optim.Optimizer:
    own = {"momentum": o.momentum, "nesterov": o.nesterov}
    if o.velocity == "updates" or _decoupled(o) or o.momentum == 0.0:
        return conventions.Momentum(groups, o.rate(0), **_decay(o), **own, velocity=o.velocity)
    return torch.optim.SGD(groups, o.rate(0), weight_decay=o.weight_decay, foreach=False, **own)


def _adagrad(o: Any, groups: Groups) -> torch.optim.Optimizer:
    inside, initial = o.epsilon_placement == "inside", o.initial_accumulator
    if inside or _decoupled(o):
        return conventions.Adagrad(groups, o.rate(0), **_decay(o), initial=initial, eps=o.epsilon, inside=inside)
    return torch.optim.Adagrad(
        groups,
        o.rate(0),
        weight_decay=o.weight_decay,
        initial_accumulator_value=initial,
        eps=o.epsilon,
        foreach=False,
    )


def _rmsprop(o: Any, groups: Groups) -> torch.optim.Optimizer:
    inside = o.epsilon_placement == "inside"
    if inside or _decoupled(o):
        return conventions.RMSprop(groups, o.rate(0), **_decay(o), alpha=o.rho, eps=o.epsilon, inside=inside)
    return torch.optim.RMSprop(
        groups, o.rate(0), alpha=o.rho, eps=o.epsilon, weight_decay=o.weight_decay, foreach=False
    )


def _adam(o: Any, groups: Groups) -> torch.optim.Optimizer:
    betas = (o.beta1, o.beta2)
    if o.epsilon_placement == "uncorrected":
        return conventions.KerasAdam(groups, o.rate(0), **_decay(o), betas=betas, eps=o.epsilon)
    native = torch.optim.AdamW if o.decay == "decoupled" else torch.optim.Adam
    return native(groups, o.rate(0), betas, o.epsilon, o.weight_decay, foreach=False)


_MOMENTS = {"first_moment": "exp_avg", "second_moment": "exp_avg_sq"}

ROWS: dict[str, OptimizerRow] = {
    "sgd": OptimizerRow(_sgd),
    "momentum": OptimizerRow(_momentum, {"velocity": "momentum_buffer"}),
    "adagrad": OptimizerRow(_adagrad, {"accumulator": "sum"}),
    "rmsprop": OptimizerRow(_rmsprop, {"mean_square": "square_avg"}),
    "adam": OptimizerRow(_adam, _MOMENTS),
    "adamw": OptimizerRow(_adam, _MOMENTS),
}


def build(
    fields: OptimizerFields, parameters: Sequence[Tensor]
) -> tuple[torch.optim.Optimizer, Mapping[str, str]]:
    """Return the torch optimizer, and the key of its state for each slot.

    The parameters go in as one group: a network may have no parameters, and torch refuses a bare empty list.
    """
    row = row_for(ROWS, fields, "torch")
    return row.build(fields, [{"params": list(parameters)}]), row.slots


@torch.no_grad()
def clip_gradients(clip: Clip | None, parameters: Sequence[Tensor]) -> None:
    """Clip `.grad` in place: natively, except for norms with another ε than torch's own."""
    clipped = [w for w in parameters if w.grad is not None]
    if clip is None or not clipped:
        return
    if clip.type == "value":
        torch.nn.utils.clip_grad_value_(clipped, clip.limit)
        return
    for group in [clipped] if clip.scope == "global" else [[w] for w in clipped]:
        if clip.epsilon == TORCH_EPSILON:
            torch.nn.utils.clip_grad_norm_(group, clip.limit)
            continue
        gradients = [w.grad for w in group if w.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients]))
        for g in gradients:
            g.mul_(clip.limit / (norm + clip.epsilon).clamp(min=clip.limit))
