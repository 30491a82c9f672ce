"""Which targets and which loss explain how the last layer's weights change, and what else speaks for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backproof.doctor.hints import Hints
from backproof.doctor.infer import elsewhere, objective, targets, updates
from backproof.doctor.infer.chain import Chain
from backproof.doctor.infer.numbers import Number
from backproof.doctor.infer.objective import Objective
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.targets import Target
from backproof.doctor.infer.updates import Law, Trajectory
from backproof.doctor.infer.values import Values
from backproof.fields import Array

SOME = 4
"""How many steps are looked at where one would nearly do."""

FOLLOWED, STATED, COMPUTED, RECORDED, FOUND = 10.0, 7.0, 5.0, 7.0, 5.0
"""What speaks for a loss: the last weights follow its gradient; the code calls it its loss; its value, an array in
proportion to its weight gradient, its δ was seen."""

UNNATURAL = 6.0
"""What speaks against a law: with the rate that the code names it is that of no mean, sum or half."""


@dataclass(frozen=True)
class Judgement:
    """A target and a kind of loss, and what speaks for them.

    `law` is how the last layer's weights follow from the gradient of the summed loss, None where they do not.
    """

    target: Target
    kind: Objective
    score: float
    law: Law | None
    computed: tuple[Objective, ...]
    stated: Objective | None
    """The one among them that the code calls its loss."""
    natural: bool
    """Whether the law is that of a mean, a sum or a half with a rate that the code names."""


def trajectories(chain: Chain, steps: Sequence[Step]) -> list[Trajectory]:
    """Return every weight and bias over the steps, in the order of the layers."""
    found = []
    for number, _ in enumerate(chain.links):
        before = [step.passes[0].weights[number] for step in steps]
        found.append(Trajectory(f"{number}.weight", before, [step.after.weights[number] for step in steps]))
        biases = [step.passes[0].biases[number] for step in steps]
        later = [step.after.biases[number] for step in steps]
        if all(b is not None for b in (*biases, *later)):
            found.append(
                Trajectory(
                    f"{number}.bias", [b for b in biases if b is not None], [b for b in later if b is not None]
                )
            )
    return found


def last_gradient(steps: Sequence[Step], target: Target, kind: Objective, chain: Chain) -> list[Array]:
    """Return xᵀδ of the last layer at each step."""
    last = len(chain.links) - 1
    found = []
    for step, y in zip(steps, target.y, strict=False):
        delta = kind.delta(step.a(last), step.z(last), y, chain.links[last].activation)
        below = step.x if last == 0 else step.a(last - 1)
        with np.errstate(all="ignore"):
            found.append(below.T @ delta)
    return found


def judgements(
    values: Values, chain: Chain, steps: Sequence[Step], constants: Sequence[Number], hints: Hints
) -> list[Judgement]:
    """Return every target with every loss that fits its values, the best explained first."""
    few = list(steps[:SOME])
    last = len(chain.links) - 1
    activation = chain.links[last].activation
    trajectory = Trajectory("last", [s.passes[0].weights[last] for s in few], [s.after.weights[last] for s in few])
    found = []
    for target in targets.find(values, few, chain.links[last].out.flipped, hints.targets):
        for kind in objective.kinds(target, [step.a(last) for step in few], activation, constants):
            if hints.loss is not None and kind.fields["type"] != hints.loss:
                continue
            gradients = last_gradient(few, target, kind, chain)
            law = updates.law(trajectory, gradients, constants)
            if law is None and kind.doubled:
                continue  # nobody means that: it counts only where it is what is descended
            natural = law is not None and _natural_law(law, kind, few, constants)
            score = target.score + (0.0 if law is None else FOLLOWED if natural else FOLLOWED - UNNATURAL)
            sights = [
                (times, one)
                for one, _ in objective.scales(kind, few[0].a(last).shape)
                if (times := objective.computed(values, few, target.y, one))
            ]
            shown = tuple(one for _, one in sights)
            said = [(times, one) for times, one in sights if any(objective.stated(values, t) for t in times)]
            # ½Σ is computed of Σ: what is seen last is the whole.
            loss = max(said, key=lambda sight: sight[0][-1])[1] if said else None
            score += COMPUTED * bool(shown) + STATED * (loss is not None)
            if law is None:
                score += RECORDED * _recorded(values, few, gradients)
                score += FOUND * _bias_follows(few, target, kind, chain, constants)
                # a − y is seen whatever the loss is.
                score += (0.1 if kind.plain else FOUND) * _delta_seen(values, few, target, kind, chain)
                score += 0.2 * (kind.fields["type"] == "squared_error")
                score += 0.4 * (kind.fields["type"] == "cross_entropy")  # which is what softmax is for
            score -= 0.2 if kind.fields["type"] in ("huber", "log_cosh", "absolute_error") else 0.0
            found.append(Judgement(target, kind, score, law, shown, loss, natural))
    ranked = sorted(found, key=lambda j: -j.score)
    if ranked and ranked[0].stated is None:
        ranked = _said_elsewhere(values, chain, few, ranked)
    return ranked


def _said_elsewhere(
    values: Values, chain: Chain, steps: Sequence[Step], ranked: Sequence[Judgement]
) -> list[Judgement]:
    """Return the judgements again, if the code computes a loss of other observations than a step takes."""
    target = ranked[0].target
    kinds = [j.kind for j in ranked if j.target is target]
    shape = steps[0].a(len(chain.links) - 1).shape
    found = elsewhere.stated(values, chain, target, kinds)
    if found is None:
        return list(ranked)
    kind, reduction, factor = found
    again = []
    for j in ranked:
        said = None
        if j.target is target and j.kind == kind:
            scales = [one for one, _ in objective.scales(kind, shape)]
            said = next(
                (
                    s
                    for s in scales
                    if s.fields["reduction"] == reduction and s.fields.get("factor", 1.0) == factor
                ),
                None,
            )
        again.append(j if said is None else replace(j, score=j.score + STATED + COMPUTED, stated=said))
    return sorted(again, key=lambda j: -j.score)


def _natural_law(law: Law, kind: Objective, steps: Sequence[Step], constants: Sequence[Number]) -> bool:
    """Return whether a mean, sum or half of a loss makes a law of a rate that the code names, if it names one."""
    rates = [n.value for n in constants if n.score >= 3 and n.value > 0]
    if law.free or not rates:
        return True
    damped = {1.0, 1.0 - law.fields.get("momentum", 0.0)}
    scales = [scale for _, scale in objective.scales(kind, steps[0].a(len(steps[0].passes[0].a) - 1).shape)]
    return any(
        abs(rate * d * scale - abs(law.rate)) <= updates.SAME * abs(law.rate)
        for rate in rates
        for d in damped
        for scale in scales
    )


def _bias_follows(
    steps: Sequence[Step], target: Target, kind: Objective, chain: Chain, constants: Sequence[Number]
) -> bool:
    """Return whether the last bias changes as the loss' gradient says, though the last weight does not."""
    last = len(chain.links) - 1
    bias = [t for t in trajectories(chain, steps) if t.name == f"{last}.bias"]
    if not bias:
        return False
    gradients = []
    for step, y in zip(steps, target.y, strict=False):
        gradients.append(kind.delta(step.a(last), step.z(last), y, chain.links[last].activation).sum(axis=0))
    return updates.law(bias[0], gradients, constants) is not None


def _recorded(values: Values, steps: Sequence[Step], gradients: Sequence[Array]) -> bool:
    """Return whether the code has arrays in proportion to the gradients."""
    first, second = gradients[0], gradients[min(1, len(gradients) - 1)]
    for scale in _natural(steps[0]):
        if all(
            values.seen(sign * scale * g, step.begun, step.ended) is not None
            for sign in (1,)
            for g, step in ((first, steps[0]), (second, steps[min(1, len(steps) - 1)]))
        ) or all(
            values.seen(-scale * g, step.begun, step.ended) is not None
            for g, step in ((first, steps[0]), (second, steps[min(1, len(steps) - 1)]))
        ):
            return True
    return False


def _delta_seen(values: Values, steps: Sequence[Step], target: Target, kind: Objective, chain: Chain) -> bool:
    last = len(chain.links) - 1
    one = steps[0].passes[0]
    n = len(one.x)
    delta = kind.delta(one.a[last], one.z[last], target.y[0][:n], chain.links[last].activation)
    return any(
        values.seen(sign * scale * delta, one.begun, steps[0].ended) is not None
        for scale in _natural(steps[0])
        for sign in (1, -1)
    )


def _natural(step: Step) -> list[float]:
    """Return the factors by which people's gradients differ from that of the sum."""
    n, entries = len(step.x), step.passes[0].a[-1].shape[1] * len(step.x)
    return list(dict.fromkeys([1.0, 0.5, 2.0, 1 / n, 0.5 / n, 2 / n, 1 / entries, 0.5 / entries, 2 / entries]))
