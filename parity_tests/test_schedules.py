"""Learning-rate schedules against the frameworks' own, and against their formulas at the ends."""

import numpy as np
import pytest
from pydantic import ValidationError

from backproof.optimizers import SGD
from backproof.schedules import Cosine, Schedule, StepDecay, WarmUp, rate_at

STEPS = 14
SCHEDULES: dict[str, Schedule] = {
    "step": StepDecay(initial=0.1, every=3, factor=0.5),
    "cosine": Cosine(initial=0.1, final=0.01, steps=10),
    "warm_up": WarmUp(start=0.02, steps=4, then=0.1),
    "warm_up and cosine": WarmUp(start=0.02, steps=4, then=Cosine(initial=0.1, steps=10)),
}


def _rates(name: str) -> list[float]:
    return [rate_at(SCHEDULES[name], t) for t in range(STEPS)]


def test_the_ends_are_where_the_formulas_put_them() -> None:
    step, cosine, warm = _rates("step"), _rates("cosine"), _rates("warm_up and cosine")
    assert step[:7] == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025]
    assert (cosine[0], cosine[10], cosine[13]) == (0.1, 0.01, 0.01)
    assert cosine[5] == pytest.approx(0.055)
    assert warm[:5] == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1])


def test_a_number_is_a_constant_rate_and_the_first_update_has_that_of_t_0() -> None:
    assert [SGD(learning_rate=0.3).rate(t) for t in range(3)] == [0.3] * 3
    assert SGD(learning_rate=SCHEDULES["warm_up"]).rate(0) == 0.02


def test_optax_has_the_same_schedules() -> None:
    jax = pytest.importorskip("jax")
    optax = pytest.importorskip("optax")
    line = optax.linear_schedule(0.02, 0.1, 4)
    theirs = {
        "step": optax.exponential_decay(0.1, 3, 0.5, staircase=True),
        "cosine": optax.cosine_decay_schedule(0.1, 10, alpha=0.1),
        "warm_up": optax.join_schedules([line, optax.constant_schedule(0.1)], [4]),
        "warm_up and cosine": optax.join_schedules([line, optax.cosine_decay_schedule(0.1, 10)], [4]),
    }
    with jax.enable_x64(True):
        for name, schedule in theirs.items():
            assert np.allclose(
                [float(schedule(t)) for t in range(STEPS)], _rates(name), rtol=64 * np.finfo(float).eps
            )


def test_torch_has_the_same_schedules_up_to_where_its_cosine_turns_round() -> None:
    torch = pytest.importorskip("torch")
    schedulers = torch.optim.lr_scheduler

    def rates(make: object, steps: int) -> list[float]:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = make(optimizer)  # type: ignore[operator]
        found = []
        for _ in range(steps):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        return found

    theirs = {
        "step": (lambda o: schedulers.StepLR(o, 3, 0.5), STEPS),
        "cosine": (lambda o: schedulers.CosineAnnealingLR(o, 10, 0.01), 11),
        "warm_up": (lambda o: schedulers.LinearLR(o, 0.2, 1.0, 4), STEPS),
    }
    for name, (make, steps) in theirs.items():
        assert np.allclose(rates(make, steps), _rates(name)[:steps], rtol=64 * np.finfo(float).eps)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "step", "initial": 0.0, "every": 3},
        {"type": "step", "initial": 0.1, "every": 0},
        {"type": "cosine", "initial": 0.1, "steps": 1.5},
        {"type": "warm_up", "steps": 3},
        {"type": "warm_up", "steps": 3, "then": {"type": "warm_up", "steps": 2, "then": 0.1}},
    ],
    ids=str,
)
def test_impossible_schedules_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SGD.model_validate({"learning_rate": wrong})
