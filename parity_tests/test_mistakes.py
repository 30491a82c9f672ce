"""The verdict can fail: every mistake of the catalogue is caught wherever it changes anything, in the right place.

"Changes anything" is decided without the noise floor: a tensor of the mistaken float64 run is off by more than
1e-9 of its largest entry, ten million times the unit roundoff.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest

from backproof.check import random_batches, run
from backproof.implementation import NumPy
from backproof.layers.dense import Dense
from backproof.layers.tanh import Tanh
from backproof.losses import SquaredError
from backproof.mistakes import CATALOGUE, Mistake
from backproof.noise import Expectation, Label, expect
from backproof.optimizers import SGD
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State, StepRecord
from backproof.verdict import Verdict, judge
from cases import BATCH, CASES, STEPS, Case, case

BEYOND_ROUNDING = 1e-9


def _mistaken(mistake: Mistake, site: int | None) -> NumPy:
    """Return the reference with a mistake, as an implementation."""
    return NumPy("mistaken", lambda spec: mistake.make(spec, site))


@cache
def _expected(case: Case) -> tuple[Expectation, list[Batch]]:
    batches = random_batches(case.spec, BATCH, STEPS)
    return expect(case.spec, Network(case.spec).initial_state(), batches, np.float64), batches


def _changed(right: Sequence[StepRecord], wrong: Sequence[StepRecord]) -> list[Label]:
    """Return what the mistake changes, in the order of calculation."""
    changed: list[Label] = []
    for one, other in zip(right, wrong, strict=True):
        for (phase, name, exact), (_, _, found) in zip(one.tensors(), other.tensors(), strict=True):
            finite = np.all(np.isfinite(found))
            if not finite or np.abs(found - exact).max() > BEYOND_ROUNDING * np.abs(exact).max():
                changed.append((one.step, phase, name))
    return changed


@pytest.mark.parametrize("mistake", CATALOGUE, ids=lambda mistake: mistake.name)
def test_every_mistake_is_caught_wherever_it_changes_anything_and_named_where_it_does(
    mistake: Mistake, record_property: Callable[[str, object], None]
) -> None:
    caught, unchanged, cases = 0, 0, set()
    for one in CASES:
        for site in mistake.sites(one.spec):
            expectation, batches = _expected(one)
            records = run(_mistaken(mistake, site), one.spec, expectation.starts, batches, np.float64, False)
            changed = _changed(expectation.records, records)
            verdict = judge(expectation, {"mistaken": records}, np.float64)
            where = (one.name, site)
            if not changed:
                unchanged += 1
                continue
            assert verdict.divergence is not None, where
            found = verdict.divergence
            assert (found.step, found.phase, found.tensor) == changed[0], where
            place = mistake.place(one.spec, site)
            if (found.step, *place) in changed:
                assert (found.phase, found.tensor) == place, where
            caught += 1
            cases.add(one.name)
    assert caught > 0, "no case in the table shows this mistake"
    record_property("kills", (mistake.name, caught, len(cases), unchanged))


def test_names_and_formulas_tell_the_mistakes_apart() -> None:
    assert len({mistake.name for mistake in CATALOGUE}) == len(CATALOGUE)
    assert all(mistake.wrong and mistake.wrong != mistake.right for mistake in CATALOGUE)


def _verdicts(spec: ModelSpec, name: str, site: int | None, state: State | None = None) -> list[Verdict]:
    mistake = next(mistake for mistake in CATALOGUE if mistake.name == name)
    assert site in mistake.sites(spec)
    batches = random_batches(spec, BATCH, STEPS)
    verdicts = []
    for dtype in (np.float64, np.float32):
        expectation = expect(spec, state or Network(spec).initial_state(), batches, dtype)
        records = run(_mistaken(mistake, site), spec, expectation.starts, batches, dtype, False)
        verdicts.append(judge(expectation, {"mistaken": records}, dtype))
    return verdicts


def test_a_transposed_square_weight_is_caught() -> None:
    spec = next(one for one in CASES if one.name == "square layers").spec
    for verdict in _verdicts(spec, "square weight carried over transposed", 2):
        assert verdict.answer == "differ"
        assert verdict.divergence is not None
        assert (verdict.divergence.phase, verdict.divergence.tensor) == ("forward", "dense2")


def test_an_update_skipped_at_a_rate_of_1e_5_is_caught_in_both_precisions() -> None:
    spec = case("slow", optimizer=SGD(learning_rate=1e-5)).spec
    for verdict in _verdicts(spec, "update skipped", None):
        assert verdict.answer == "differ"
        assert verdict.divergence is not None
        assert verdict.divergence.phase == "update"
        assert verdict.divergence.tensor.startswith("Δ")


def test_a_zero_gradient_on_a_parameter_with_a_small_gradient_is_caught() -> None:
    spec = ModelSpec(
        input_shape=(4,),
        layers=(Dense(units=5), Tanh(), Dense(units=3)),
        loss=SquaredError(),
        optimizer=SGD(learning_rate=0.1),
    )
    start = Network(spec).initial_state()
    start.parameters["dense2.weight"] *= 1e-9  # so that next to nothing comes back to the first layer
    for verdict in _verdicts(spec, "weight gradient zero", 0, start):
        assert verdict.divergence is not None
        assert verdict.divergence.tensor == "d dense1.weight"
        zeroed = next(c for c in verdict.comparisons if c.label == (0, "backward", "d dense1.weight"))
        assert zeroed.floor.scale < 1e-8
