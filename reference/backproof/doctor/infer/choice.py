"""Targets, loss, rate and optimizer, chosen together: only together do they explain how the weights change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backproof.doctor.hints import Hints
from backproof.doctor.infer import objective, structure, updates
from backproof.doctor.infer.chain import Chain
from backproof.doctor.infer.judging import Judgement, last_gradient, trajectories
from backproof.doctor.infer.numbers import Number
from backproof.doctor.infer.objective import Objective
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.targets import Target
from backproof.doctor.infer.updates import Law, Rule, Series, Trajectory
from backproof.doctor.infer.values import Values
from backproof.fields import Array

CLOSE = 0.5
"""Readings whose scores differ by less fit equally."""


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
    rates: tuple[float, ...] = ()
    """Other values that the rate has in the script: of a schedule, only the first steps are read."""


@dataclass(frozen=True)
class Signed:
    """A place that has a gradient, or with `sign` −1 its negative, as where the code adds it."""

    series: Series
    sign: int


def choose(
    values: Values,
    chain: Chain,
    steps: Sequence[Step],
    constants: Sequence[Number],
    ranked: Sequence[Judgement],
    hints: Hints,
) -> Choice:
    """Return targets, loss and optimizer; `ranked` has the judgements on targets and losses, the best first."""
    best = ranked[0]
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
        biased = any(t.name.endswith("bias") for t in trajectories(chain, steps[:1]))
        seen = _seen_scales(values, steps[0], last_gradient(steps[:1], best.target, best.kind, chain)[0], options)
        settled = _settle(best, best.law, options, seen, constants, hints, biased, len(steps[0].x))
        if settled is not None:
            one, rule, rivals = settled
            rule = _as_meant(values, steps, rule)
            gradients = _sources(values, chain, steps, moving, rule)
            rates = _other_rates(rule, constants)
            rivals = (*rivals, *_computed_instead(best, ranked))
            return Choice(best.target, one, rule, gradients, True, best.computed, rivals, rates)
    rule, gradients = _rule(values, chain, steps, moving, constants, hints)
    meant = _as_meant(values, steps, rule)
    if meant is not rule:
        named = next((n.value for n in constants if n.score >= 3), float(rule.fields["learning_rate"]))
        fields = dict(meant.fields) | {"learning_rate": hints.rate or named}
        rule, gradients = replace(meant, fields=fields), {}
    one = _scaled(best, options, chain, steps, gradients, rule)
    return Choice(best.target, one, rule, gradients, False, best.computed, rates=_other_rates(rule, constants))


def _computed_instead(best: Judgement, ranked: Sequence[Judgement]) -> Iterator[str]:
    """Yield a squared error that the code computes, though what it descends has a − y for its δ."""
    others = [j for j in ranked if j.target is best.target and j.kind.fields["type"] == "squared_error"]
    if best.kind.plain and not best.computed and any(j.computed for j in others):
        yield "squared_error, which the code computes: then the last activation's derivative is missing"


def _other_rates(rule: Rule, constants: Sequence[Number]) -> tuple[float, ...]:
    """Return the other values of what the code calls its rate."""
    rate = rule.fields["learning_rate"]
    names = {n.text for n in constants if n.score >= 3 and n.value == rate}
    return tuple(sorted({n.value for n in constants if n.text in names} - {rate}, reverse=True))


def _as_meant(values: Values, steps: Sequence[Step], rule: Rule) -> Rule:
    """Return the rule, or where the code has the parts of another optimizer than descent, that one's."""
    if rule.fields["type"] != "sgd":
        return rule
    fields = structure.meant(values, steps, float(rule.fields["learning_rate"]))
    if fields is None:
        return rule
    return Rule(dict(fields) | {"learning_rate": rule.fields["learning_rate"]}, rule.sign, 0.5, meant=True)


def _seen_scales(
    values: Values, step: Step, summed: Array, options: Sequence[tuple[Objective, float]]
) -> set[float]:
    """Return the scales for which the code has the last weights' gradient, of either sign."""
    return {
        scale
        for scale in {scale for _, scale in options}
        if any(values.seen(sign * scale * summed, step.begun, step.ended) for sign in (1, -1))
    }


def _settle(
    best: Judgement,
    law: Law,
    options: Sequence[tuple[Objective, float]],
    seen: set[float],
    constants: Sequence[Number],
    hints: Hints,
    biased: bool,
    observations: int,
) -> tuple[Objective, Rule, tuple[str, ...]] | None:
    """Return the loss with its reduction and factor, the optimizer with its rate, and what would fit as well.

    The updates only show the product of the loss' scale and the rate.
    """
    known = [Number(hints.rate, "--rate", None, 9.0)] if hints.rate else [*constants, Number(1.0, "", None, 0.5)]
    ranked: list[tuple[float, Objective, float]] = []
    for one, scale in options:
        score = (
            objective.usual(one, observations)
            + 4.0 * (one in best.computed)
            + 4.0 * (one == best.stated)
            + 2.0 * (scale in seen)
        )
        if law.free:  # the update does not depend on the gradient's size
            ranked.append((score, one, _rounded(abs(law.rate), known)))
            continue
        for number in known:
            for damped in {1.0, 1.0 - law.fields.get("momentum", 0.0)}:
                rate = number.value * damped
                if rate > 0 and abs(rate * scale - abs(law.rate)) <= updates.SAME * abs(law.rate):
                    ranked.append((score + number.score + 5.0 * (number.score >= 3), one, rate))
    if not ranked:
        return None
    score, one, rate = max(ranked, key=lambda option: option[0])
    if best.stated is not None and known[0].score >= 3 and not law.free:
        # Where the code says what it minimises and at which rate, its gradient has to be that one's.
        wanted = next((scale for one, scale in options if one == best.stated), None)
        if wanted is not None and not any(
            abs(n.value * wanted - abs(law.rate)) <= updates.SAME * abs(law.rate) for n in known if n.score >= 3
        ):
            one, rate = best.stated, known[0].value
    fields = dict(law.fields) | {"learning_rate": rate}
    if law.decay:
        fields["weight_decay"] = _rounded(abs(law.decay) / rate, known)
        if biased:  # people who penalise weights mean to leave out the biases
            fields["groups"] = [{"pattern": "*.bias", "weight_decay": 0.0}]
    others = {
        f"{other.said} with rate {its_rate:g}"
        for its_score, other, its_rate in ranked
        if its_rate != rate and its_score > score - CLOSE and not law.free
    }
    return one, Rule(fields, 1 if law.rate > 0 else -1, score), tuple(sorted(others))


def _rounded(value: float, known: Sequence[Number]) -> float:
    """Return the number in the code that a value is, to rounding, or the value."""
    near = [n.value for n in known if abs(n.value - value) <= updates.SAME * abs(value)]
    return min(near, key=lambda v: abs(v - value), default=float(f"{value:.8g}"))


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
                found[trajectory.name] = Signed(one, rule.sign if eta > 0 else -rule.sign)
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
            eta, series = fitted
            return Rule(dict(fields) | {"learning_rate": _rounded(eta, constants)}, 1, 1.0 + known(eta)), series
    named = next((n.value for n in constants if n.score >= 3 and n.value > 0), None)
    best = max(found, key=lambda k: known(k) + 2 * len(found[k]) / len(moving), default=None)
    if best is not None and named is not None and known(best) < 3:
        best = None  # these arrays hold the rate already, as in W -= lr * x.T @ delta
    if best is not None and hints.optimizer in (None, "sgd"):
        return Rule({"type": "sgd", "learning_rate": _rounded(best, constants)}, 1, known(best)), found[best]
    rate = hints.rate or named or 1.0
    return Rule({"type": hints.optimizer or "sgd", "learning_rate": rate}, 1, 0.0), {}


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
    if signed is not None and ratio is None:  # people take δ for the gradient where its shape allows it
        last = len(chain.links) - 1
        delta = best.kind.delta(steps[0].a(last), steps[0].z(last), best.target.y[0], chain.links[last].activation)
        if delta.shape == signed.series.arrays[0].shape:
            ratio = objective.proportional(signed.series.arrays[0], delta)

    def score(option: tuple[Objective, float]) -> float:
        one, scale = option
        same = ratio is not None and abs(abs(ratio) - scale) <= 1e-5 * scale
        return (
            objective.usual(one, len(steps[0].x))
            + 4.0 * (one in best.computed)
            + 4.0 * (one == best.stated)
            + 6.0 * same
        )

    return max(options, key=score)[0]
