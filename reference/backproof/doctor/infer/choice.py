"""Targets, loss, rate and optimizer, chosen together: only together do they explain how the weights change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backproof.doctor.hints import Hints
from backproof.doctor.infer import objective, structure, targets, updates
from backproof.doctor.infer.chain import Chain
from backproof.doctor.infer.numbers import Number
from backproof.doctor.infer.objective import Objective
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.targets import Target
from backproof.doctor.infer.updates import Law, Rule, Series, Trajectory
from backproof.doctor.infer.values import Values
from backproof.fields import Array

SOME = 4
"""How many steps are looked at where one would nearly do."""

SAME = 1e-6
"""How near two rates are that are the same number, one of them perhaps in float32."""


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


@dataclass(frozen=True)
class Choice:
    """What was chosen, and the places where the code has the gradients, by trajectory name."""

    target: Target
    objective: Objective
    rule: Rule
    gradients: Mapping[str, "Signed"] = field(default_factory=dict)
    exact: bool = False
    """Whether loss and rate explain the last layer's update to rounding."""
    computed: tuple[Objective, ...] = ()
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signed:
    """A place that has a gradient, or with `sign` −1 its negative, as where the code adds it."""

    series: Series
    sign: int


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
        for kind in objective.kinds(target, activation, constants):
            if hints.loss is not None and kind.fields["type"] != hints.loss:
                continue
            gradients = last_gradient(few, target, kind, chain)
            law = updates.law(trajectory, gradients, constants)
            score = target.score + (10.0 if law is not None else 0.0)
            sights = [
                (times, one)
                for one, _ in objective.scales(kind, few[0].a(last).shape)
                if (times := objective.computed(values, few[0], target.y[0], one))
            ]
            shown = tuple(one for _, one in sights)
            said = [(times, one) for times, one in sights if any(objective.stated(values, t) for t in times)]
            # ½Σ is computed of Σ: what is seen last is the whole.
            loss = max(said, key=lambda sight: sight[0][-1])[1] if said else None
            score += 5.0 * bool(shown) + 7.0 * (loss is not None)
            if law is None:
                score += 7.0 * _recorded(values, few, gradients)
                score += 6.0 * _bias_follows(steps[:SOME], target, kind, chain, constants)
                # a − y is seen whatever the loss is.
                score += (0.1 if kind.plain else 5.0) * _delta_seen(values, few, target, kind, chain)
                score += 0.2 * (kind.fields["type"] == "squared_error")
                score += 0.4 * (kind.fields["type"] == "cross_entropy")  # which is what softmax is for
            score -= 0.2 if kind.fields["type"] in ("huber", "log_cosh", "absolute_error") else 0.0
            found.append(Judgement(target, kind, score, law, shown, loss))
    return sorted(found, key=lambda j: -j.score)


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


def choose(
    values: Values, chain: Chain, steps: Sequence[Step], constants: Sequence[Number], hints: Hints
) -> Choice | None:
    """Return targets, loss and optimizer, or None where nothing can be the targets."""
    ranked = judgements(values, chain, steps, constants, hints)
    if not ranked:
        return None
    best = ranked[0]
    # A loss that the code computes is the one meant, unless another one's gradient is what is descended.
    moving = [t for t in trajectories(chain, steps[: updates.ENOUGH]) if t.moves]
    last = len(chain.links) - 1
    shape = steps[0].a(last).shape
    options = [
        (one, scale)
        for one, scale in objective.scales(best.kind, shape)
        if (hints.reduction in (None, one.fields["reduction"]))
        and hints.factor in (None, one.fields.get("factor", 1.0))
    ]
    if best.law is not None and hints.optimizer in (None, best.law.fields["type"]):
        settled = _settle(best, best.law, options, constants, hints)
        if settled is not None:
            one, rule = settled
            rule = _as_meant(values, steps, rule)
            gradients = _sources(values, chain, steps, moving, rule)
            return Choice(best.target, one, rule, gradients, True, best.computed)
    rule, gradients = _rule(values, chain, steps, moving, constants, hints)
    meant = _as_meant(values, steps, rule)
    if meant is not rule:
        rate = hints.rate or next(
            (n.value for n in constants if n.score >= 3), float(rule.fields["learning_rate"])
        )
        rule, gradients = replace(meant, fields=dict(meant.fields) | {"learning_rate": rate}), {}
    one = _scaled(best, options, chain, steps, gradients, rule)
    return Choice(best.target, one, rule, gradients, False, best.computed)


def _as_meant(values: Values, steps: Sequence[Step], rule: Rule) -> Rule:
    """Return the rule, or where the code has the parts of another optimizer than descent, that one's."""
    if rule.fields["type"] != "sgd":
        return rule
    fields = structure.meant(values, steps, float(rule.fields["learning_rate"]))
    if fields is None:
        return rule
    return Rule(dict(fields) | {"learning_rate": rule.fields["learning_rate"]}, rule.sign, 0.5)


def _settle(
    best: Judgement,
    law: Law,
    options: Sequence[tuple[Objective, float]],
    constants: Sequence[Number],
    hints: Hints,
) -> tuple[Objective, Rule] | None:
    """Return the loss with its reduction and factor, and the optimizer with its rate, that the updates show."""
    known = [Number(hints.rate, "--rate", None, 9.0)] if hints.rate else [*constants, Number(1.0, "", None, 0.5)]
    ranked: list[tuple[float, Objective, float]] = []
    for one, scale in options:
        usual = objective.USUAL.get((one.fields["reduction"], one.fields.get("factor", 1.0)), 0.0)
        score = usual + 4.0 * (one in best.computed) + 4.0 * (one == best.stated)
        if law.free:  # the update does not depend on the gradient's size
            ranked.append((score, one, _rounded(abs(law.rate), known)))
            continue
        for number in known:
            for damped in {1.0, 1.0 - law.fields.get("momentum", 0.0)}:
                rate = number.value * damped
                if rate > 0 and abs(rate * scale - abs(law.rate)) <= SAME * abs(law.rate):
                    ranked.append((score + number.score + 5.0 * (number.score >= 3), one, rate))
    if not ranked:
        return None
    score, one, rate = max(ranked, key=lambda option: option[0])
    if best.stated is not None and known[0].score >= 3 and not law.free:
        # Where the code says what it minimises and at which rate, its gradient has to be that one's.
        scale = next((scale for one, scale in options if one == best.stated), None)
        if scale is not None and not any(
            abs(n.value * scale - abs(law.rate)) <= SAME * abs(law.rate) for n in known if n.score >= 3
        ):
            one, rate = best.stated, known[0].value
    fields = dict(law.fields) | {"learning_rate": rate}
    if law.decay:
        fields["weight_decay"] = _rounded(law.decay / rate, known)
    return one, Rule(fields, 1 if law.rate > 0 else -1, score)


def _rounded(value: float, known: Sequence[Number]) -> float:
    """Return the number in the code that a value is, to rounding, or the value."""
    near = [n.value for n in known if abs(n.value - value) <= SAME * abs(value)]
    return min(near, key=lambda v: abs(v - value), default=value)


def _sources(
    values: Values, chain: Chain, steps: Sequence[Step], moving: Sequence[Trajectory], rule: Rule
) -> dict[str, Signed]:
    """Return where the code has the gradients that its updates take, of either sign."""
    found: dict[str, Signed] = {}
    if rule.fields["type"] != "sgd" or rule.fields.get("weight_decay"):
        return found
    rate = rule.fields["learning_rate"]
    for trajectory in moving:
        for one in _series(values, chain, steps, trajectory):
            eta = updates.rate_of(trajectory, one.arrays)
            if eta is not None and abs(abs(eta) - rate) <= 1e-5 * rate:
                found[trajectory.name] = Signed(one, 1 if eta > 0 else -1)
                break
    return found


def _series(values: Values, chain: Chain, steps: Sequence[Step], trajectory: Trajectory) -> Iterator[Series]:
    number, kind = trajectory.name.split(".")
    link = chain.links[int(number)]
    flipped = link.weight.flipped and kind == "weight"
    shape = trajectory.before[0].shape
    order = {"store": 0, "Name": 1, "Attribute": 1, "Subscript": 1}
    found = updates.series(values, steps[: updates.ENOUGH], shape, flipped)
    for one in sorted(found, key=lambda s: order.get(values.recording.sites[s.site].kind, 2)):
        if not all(np.array_equal(a, b) for a, b in zip(one.arrays, trajectory.before, strict=False)):
            yield one


def _rule(
    values: Values,
    chain: Chain,
    steps: Sequence[Step],
    moving: Sequence[Trajectory],
    constants: Sequence[Number],
    hints: Hints,
) -> tuple[Rule, dict[str, Signed]]:
    """Return the optimizer that turns arrays of the code into the updates, and these arrays."""
    scores: dict[float, float] = {}
    for n in [*constants, Number(1.0, "", None, 0.3)]:
        scores.setdefault(n.value, n.score)

    def known(rate: float) -> float:
        near = [s for value, s in scores.items() if abs(value - rate) <= 1e-5 * rate]
        return max(near, default=0.0)

    every = {t.name: list(_series(values, chain, steps, t))[:40] for t in moving}
    found: dict[float, dict[str, Signed]] = {}
    for t in moving:
        for one in every[t.name]:
            eta = updates.rate_of(t, one.arrays)
            if eta is None:
                continue
            key = next((k for k in found if abs(k - abs(eta)) <= 1e-5 * k), abs(eta))
            found.setdefault(key, {}).setdefault(t.name, Signed(one, 1 if eta > 0 else -1))
    for fields in updates.rules(constants):
        if hints.optimizer not in (None, fields["type"]):
            continue
        fitted = _fit(fields, moving, every)
        if fitted is not None:
            rate, series = fitted
            return Rule(dict(fields) | {"learning_rate": _rounded(rate, constants)}, 1, 1.0 + known(rate)), series
    best = max(found, key=lambda k: known(k) + 2 * len(found[k]) / len(moving), default=None)
    if best is not None and hints.optimizer in (None, "sgd"):
        return Rule({"type": "sgd", "learning_rate": _rounded(best, constants)}, 1, known(best)), found[best]
    rate = hints.rate or next((n.value for n in constants if n.score >= 3 and n.value > 0), 1.0)
    return Rule({"type": "sgd", "learning_rate": rate}, 1, 0.0), {}


def _fit(
    fields: Mapping[str, Any], moving: Sequence[Trajectory], every: Mapping[str, Sequence[Series]]
) -> tuple[float, dict[str, Signed]] | None:
    """Return the rate and the arrays with which an optimizer makes the updates of every parameter, or None."""
    optimizer = Rule(dict(fields) | {"learning_rate": 1.0}, 1, 0.0).optimizer
    rate: float | None = None
    found = {}
    for t in moving:
        for one in every[t.name]:
            for sign in (1, -1):
                unit = updates.simulate(optimizer, t, [sign * g for g in one.arrays])
                eta = updates.fitted_rate(t, unit)
                if eta is not None and (rate is None or abs(eta - rate) <= 1e-5 * rate):
                    rate, found[t.name] = eta if rate is None else rate, Signed(one, sign)
                    break
            if t.name in found:
                break
        if t.name not in found:
            return None
    return None if rate is None else (rate, found)


def _scaled(
    best: Judgement,
    options: Sequence[tuple[Objective, float]],
    chain: Chain,
    steps: Sequence[Step],
    gradients: Mapping[str, Signed],
    rule: Rule,
) -> Objective:
    """Return the loss with the reduction and factor of the last layer's gradient, or that the code computes."""
    signed = gradients.get(f"{len(chain.links) - 1}.weight")
    summed = last_gradient(steps[:1], best.target, best.kind, chain)[0]
    ratio = None if signed is None else objective.proportional(signed.series.arrays[0], summed)

    def score(option: tuple[Objective, float]) -> float:
        one, scale = option
        usual = objective.USUAL.get((one.fields["reduction"], one.fields.get("factor", 1.0)), 0.0)
        same = ratio is not None and abs(abs(ratio) - scale) <= 1e-5 * scale
        return usual + 4.0 * (one in best.computed) + 4.0 * (one == best.stated) + 6.0 * same

    return max(options, key=score)[0]
