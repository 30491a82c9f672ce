"""What every finding looks at: the run as it is, the same run continued, and experiments, each made once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from backproof.doctor.examination import Experiment, Remark, Run
from backproof.doctor.examine.learning import Yardstick, still_falling, yardstick
from backproof.doctor.examine.training import Clock, Trained, Training, train

LONGER = 20
"""How many times the iterations a run that has not learnt is continued, at most."""

OF_RUN, OF_LONGER = 0.25, 0.35
"""Shares of the time for the run as it is, and for going on with it."""

FAR_ENOUGH = 0.5
"""A run that the time cuts off before this share of its iterations proves nothing by not learning."""

SHARE, MARGIN, LEAST_SECONDS = 0.25, 1.3, 0.005
"""An experiment may take a quarter of the time that is left, or 1.3 times as long as the given run took."""


@dataclass
class Context:
    """One examination: `given` is the run as it is, `longer` the same for up to 20 times as long."""

    given: Trained
    yardstick: Yardstick
    clock: Clock
    longer: Trained | None = None
    causes: set[str] = field(default_factory=set)
    """The kinds of remarks found to be a cause so far."""
    made: dict[str, Experiment] = field(default_factory=dict)

    @classmethod
    def of(cls, training: Training, seconds: float) -> "Context":
        """Return the context of a training: it is run, and run on where it has not learnt and not diverged."""
        clock = Clock(seconds)
        given = train(training, OF_RUN * seconds)
        context = cls(given, yardstick(training.spec, training.y, float(given.run.losses[0])), clock)
        if not context.learnt and given.run.diverged is None:
            longer = training.but(iterations=LONGER * context.training.iterations)
            learnt = context.yardstick.learnt
            context.longer = train(longer, OF_LONGER * seconds, until=learnt, points=20 * LONGER, after=given)
        return context

    @property
    def training(self) -> Training:
        """The training as it was given, or with as many iterations as time allowed."""
        training = self.given.training
        return training.but(iterations=max(1, int(self.given.run.iterations[-1]))) if self.given.cut else training

    @property
    def learnt(self) -> bool:
        """Whether the given run has learnt beyond doubt."""
        return self.yardstick.learnt(self.given.run)

    @property
    def learnt_longer(self) -> bool:
        """Whether the given run learns if it is only continued."""
        return self.longer is not None and self.yardstick.learnt(self.longer.run)

    @property
    def lost(self) -> bool:
        """Whether the loss has grown instead of falling."""
        return not self.learnt and self.yardstick.lost(self.given.run)

    @property
    def slow(self) -> bool:
        """Whether the run is on its way: its loss still falls, and it learns if continued (or time ended it)."""
        if self.learnt:
            return False
        if self.learnt_longer:
            return still_falling(self.given.run)
        asked, made = self.given.training.iterations, self.given.run.iterations[-1]
        cut_short = self.given.cut and made < FAR_ENOUGH * asked
        return bool(cut_short) and still_falling((self.longer or self.given).run)

    @property
    def stuck(self) -> bool:
        """Whether there is anything to explain."""
        return not self.learnt and not self.slow

    def experiment(
        self, change: str, make: Callable[[Training], Training | None], *, brief: bool = False
    ) -> Experiment | None:
        """Return the given training with one thing changed, run; None where it does not apply or time is out.

        `change` says in words what is changed, and is made once whoever asks for it. A `brief` one ends as soon as
        it is seen to help.
        """
        if change not in self.made:
            left, needed = self.clock.left, self.given.seconds
            changed = make(self.training)
            if changed is None or left < max(LEAST_SECONDS, FAR_ENOUGH * needed):
                return None
            limit = max(SHARE * left, min(MARGIN * needed, left))
            enough = partial(self.yardstick.helps, given=self.given.run) if brief else None
            done = train(changed, limit, until=enough)
            experiment = self.judged(change, done)
            if done.cut and not experiment.helps and done.run.iterations[-1] < FAR_ENOUGH * changed.iterations:
                return None
            self.made[change] = experiment
        return self.made[change]

    def experiments(self, made: Sequence[Experiment | None]) -> tuple[Experiment, ...]:
        """Return those experiments that could be made, those that help first."""
        return tuple(sorted((e for e in made if e is not None), key=lambda e: not e.helps))

    def judged(self, change: str, done: Trained) -> Experiment:
        """Return the experiment that a changed run is, with its outcome in words."""
        helps = self.yardstick.helps(done.run, self.given.run)
        outcome = f"{described(done.run)} instead of {described(self.given.run)}"
        made, asked = int(done.run.iterations[-1]), self.training.iterations
        if done.cut:
            asked = max(asked, done.training.iterations)
        if done.run.diverged is None and made < asked:
            outcome += f" (after {made:,} of {asked:,} iterations)"
        return Experiment(change, done.run, helps, outcome)


def percent(share: float) -> str:
    """Return a share as a whole number of per cent."""
    return f"{100 * share:.0f} %"


def described(run: Run) -> str:
    """Return in words how a run ended."""
    if run.diverged is not None:
        return f"overflow at iteration {run.diverged:,} (loss {run.losses[-1]:.4g} before)"
    loss = f"loss {run.losses[-1]:.4g}"
    return loss if run.accuracy is None else f"{loss} and {percent(run.accuracy)} right"


def told(made: tuple[Experiment, ...]) -> str:
    """Return in words what came of experiments, those that help first."""
    helping = [experiment for experiment in made if experiment.helps]
    if helping:
        return " ".join(f"With {e.change}, the same run reaches {e.outcome}." for e in helping[:2])
    return (
        f"It does not help to try {', nor '.join(e.change for e in made)}." if made else "No experiment was made."
    )


def remark(kind: str, sentence: str, experiments: tuple[Experiment, ...] = (), **measured: float) -> Remark:
    """Return a remark that is the cause just where one of its experiments helps."""
    return Remark(kind, sentence, measured, experiments, cause=any(e.helps for e in experiments))
