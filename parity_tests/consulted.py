"""Consultations as scripts of different kinds lead to them, for the tests of the report."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from backproof.doctor.consultation import Consultation
from backproof.doctor.diagnosis import Answer, Correction, Diagnosis, Explanation, Judged, Made, Match, Pattern
from backproof.doctor.examination import Examination, Experiment, Remark, Run
from backproof.doctor.reading import Finding, Observed, Reading, Source
from backproof.doctor.recording import Recording
from backproof.doctor.watch import Watched
from backproof.files import loads
from backproof.mistakes import CATALOGUE
from backproof.spec import ModelSpec
from backproof.step import Network

SPEC = """
input_shape: [3]
layers:
- {type: dense, units: 4, bias: false}
- {type: sigmoid}
- {type: dense, units: 1, bias: false}
- {type: sigmoid}
loss: {type: squared_error, factor: 0.5, reduction: sum}
optimizer: {type: sgd, learning_rate: 1.0}
"""
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], float)
Y = np.array([[0], [1], [1], [0]], float)

SOURCES = {
    "x": Source("X", "xor.py", 12),
    "y": Source("y", "xor.py", 16),
    "dense1.weight": Source("self.W[0].T", "xor.py", 19, flipped=True),
    "dense2.weight": Source('params["w|2"]', "xor.py", 20),
    "sigmoid1": Source("l1", "xor.py", 24),
    "sigmoid2": Source("l2", "xor.py", 25),
    "d dense1.weight": Source("l0.T.dot(l1_delta)", "xor.py", 34, sign=-1),
    "d dense2.weight": Source("l1.T.dot(l2_delta)", "xor.py", 33, sign=-1),
}

FINDINGS = (
    Finding("weights", 'self.W[0].T, params["w|2"]', "change at every step, and are multiplied by X", "sure"),
    Finding("activation of layer 1", "sigmoid", "l1 is σ(z) to 1e-16", "sure", "--activations"),
    Finding("loss", "½ Σ (a − y)²", "the last error is a − y", "likely", "--loss squared_error --factor 1"),
    Finding("rate", "1", "Δw / gradient is 1 in all entries", "sure", "--rate"),
)


def made(name: str, site: int | None, layer: str) -> Made:
    """Return a mistake of the catalogue at a layer."""
    return Made(next(mistake for mistake in CATALOGUE if mistake.name == name), site, layer)


def reading(**changes: Any) -> Reading:
    """Return the reading of a script with a 3-4-1 network."""
    spec = loads(SPEC, "yaml")
    step = Network(spec).step(Network(spec).initial_state(), X, Y)
    before = Network(spec).initial_state().parameters
    observed = Observed(X, Y, before, dict(step.parameters), dict(step.gradients), dict(step.outputs), 0.5)
    whole = Reading(spec, "row", (observed, observed), SOURCES, FINDINGS, X, Y, 4)
    return replace(whole, **changes)


def judged(spec: ModelSpec, answers: Mapping[str, Answer]) -> tuple[Judged, ...]:
    """Return what is said of the tensors in two steps: right, unless `answers` says otherwise."""
    names: list[tuple[Any, str]] = [("forward", str(layer.name)) for layer in spec.layers] + [("loss", "loss")]
    names += [("backward", f"d {name}") for name in reversed(list(spec.parameters))]
    names += [("update", f"Δ {name}") for name in spec.parameters]
    found = []
    for step in range(2):
        for phase, name in names:
            answer = answers.get(name, "right")
            error = {"right": 2.3e-16, "wrong": 0.4172, "cannot tell": 0.2}[answer]
            found.append(Judged(step, phase, name, answer, error, error / 1e-16))
    return tuple(found)


def diagnosis(answer: Answer = "right", answers: Mapping[str, Answer] | None = None, **parts: Any) -> Diagnosis:
    """Return a diagnosis of the network of `reading`."""
    spec = loads(SPEC, "yaml")
    mapping = (
        Match("self.W[0].T", "dense1.weight", transposed=True),
        Match("dW2", "d dense2.weight", factor=-4.0),
    )
    return Diagnosis(answer, spec, mapping, judged(spec, answers or {}), **parts)


SECONDS = {"watch": 1.25, "infer": 0.5, "diagnose": 0.75}
RECORDING = Recording((), (), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
WATCHED = Watched(RECORDING, "finished", 0, "", "loss 0.5\n", "")

MISSING = made("activation's derivative left out", 3, "sigmoid2")
EARLY = made("error passed through already updated weights", 2, "dense2")
TWICE = made("derivative applied twice", 1, "sigmoid1")
ADDED = made("a factor 2 too many", None, "loss")


def wrong() -> Consultation:
    """A script with one mistake, in a line that is markup in every format."""
    first: dict[str, Answer] = {"d dense2.weight": "wrong", "d dense1.weight": "wrong"}
    told = diagnosis(
        "wrong",
        first | {"Δ dense2.weight": "wrong", "Δ dense1.weight": "wrong"},
        explanations=(Explanation((MISSING,), 0.83, True), Explanation((TWICE,), 31_000.0, False)),
        pattern=Pattern("per row", "each row of the right gradient is multiplied by its own number"),
        corrections=(
            Correction(
                "/home/someone/[red]xor.py",
                30,
                "l2_delta = l2_error  # <b>a*b*</b> `x`",
                "l2_delta = l2_error * sigmoid_deriv(l2)",
            ),
        ),
    )
    return Consultation("home/xor.py", WATCHED, reading(), told, seconds=SECONDS)


def two_mistakes() -> Consultation:
    """A script with two mistakes, and a second explanation that fits as well."""
    told = diagnosis(
        "wrong",
        {"d dense1.weight": "wrong", "Δ dense1.weight": "wrong", "d dense2.weight": "cannot tell"},
        explanations=(
            Explanation((MISSING, EARLY), 1.4, True),
            Explanation((ADDED, TWICE), 2.0, True),
            Explanation((EARLY,), 5.2e9, False),
        ),
        corrections=(
            Correction("xor.py", 30, "l2_delta = l2_error", None),
            Correction("xor.py", 33, "syn1 += l1.T.dot(l2_delta)", "syn1_new = syn1 + l1.T.dot(l2_delta)"),
        ),
        notes=("the third step could not be seen, because the script ended",),
    )
    return Consultation("xor.py", WATCHED, reading(), told, seconds=SECONDS)


def repeated() -> Consultation:
    """A script with the same mistake at two layers."""
    again = made("derivative applied twice", 3, "sigmoid2")
    wrong: dict[str, Answer] = {"d dense2.weight": "wrong", "d dense1.weight": "wrong"}
    told = diagnosis("wrong", wrong, explanations=(Explanation((TWICE, again), 1.0, True),))
    return Consultation("xor.py", WATCHED, reading(), told, seconds=SECONDS)


def unexplained() -> Consultation:
    """A wrong script that no mistake of the catalogue explains."""
    told = diagnosis(
        "wrong",
        {"d dense1.weight": "wrong", "Δ dense1.weight": "wrong"},
        explanations=(Explanation((TWICE,), 47.0, False),),
        pattern=Pattern("masked", "entries of rows 1 and 3 are 0, all others are right"),
    )
    return Consultation("xor.py", WATCHED, reading(), told, seconds=SECONDS)


def asking() -> Consultation:
    """A right script that can be read in two ways."""
    doubtful = Finding("loss", "½ Σ (a − y)²", "no loss is computed; rate and factor trade", "guess", "--rate 0.5")
    rivals = ("Σ (a − y)² with rate 0.5 makes the same updates; `--factor 1` chooses it",)
    read = reading(findings=(*FINDINGS[:2], doubtful), rivals=rivals)
    return Consultation(
        "xor.py", WATCHED, read, diagnosis(), stopped="not examined, as asked for", seconds=SECONDS
    )


def guessed() -> Consultation:
    """A script whose loss was guessed, and whose numbers nothing explains."""
    doubtful = Finding("loss", "½ Σ (a − y)²", "the nearest to what is compared", "guess", "--loss")
    return replace(unexplained(), reading=reading(findings=(*FINDINGS[:2], doubtful)))


def _run(scale: float, plateau: float, end: int = 10_000) -> Run:
    """Return a run that stays on a plateau from 40 iterations on, and leaves it at `plateau` iterations."""
    iterations = np.unique(np.geomspace(1, end, 60).astype(int))
    losses = 0.4 + scale * 0.8 * np.exp(-iterations / 10) - 0.399 / (1 + (plateau / iterations) ** 6)
    return Run(iterations, losses, 0.5)


def plateau() -> Consultation:
    """A right script that is stuck on a plateau."""
    rng = np.random.default_rng(0)
    remarks = (
        Remark(
            "plateau",
            "from iteration 40 to the end of the run, 1,000, the loss falls by 0.3 %",
            {"from": 40.0, "to": 1000.0},
            (
                Experiment("10,000 iterations", _run(1.0, 5000.0), True, "the loss reaches 0.0011"),
                Experiment("rate 3", _run(1.4, 500.0, 1000), True, "the loss reaches 0.002 in 1,000 iterations"),
            ),
            cause=True,
        ),
        Remark("saturation", "σ′ is below 0.02 in 100 % of `sigmoid3` at the start", {"share": 1.0}),
        Remark(
            "symmetry",
            "the 3 units of `sigmoid1` are equal, and stay so",
            experiments=(Experiment("random weights", _run(0.9, 6000.0, 1000), False, "it does no better"),),
            refuted=True,
        ),
    )
    slopes = {
        "sigmoid1": rng.uniform(0.02, 0.25, 100),
        "sigmoid2": 10.0 ** rng.uniform(-4, -1.3, 100),
        "sigmoid2 after": 10.0 ** rng.uniform(-9, -3, 100),
    }
    examined = Examination(_run(1.0, 1e9, 1000), False, remarks, slopes, ((40, 1000),))
    return Consultation("xor.py", WATCHED, reading(), diagnosis(), examined, seconds=SECONDS | {"examine": 4.0})


def learning() -> Consultation:
    """A right script whose network learns."""
    examined = Examination(_run(1.0, 300.0), True, ())
    return Consultation("xor.py", WATCHED, reading(convention="augmented"), diagnosis(), examined, seconds=SECONDS)


def diverging() -> Consultation:
    """A right script whose loss overflows."""
    run = Run(np.array([1, 2, 3]), np.array([0.5, 1e12, np.inf]), None, 3)
    remark = Remark(
        "rate too large", "the rate 50 is above 2 / λmax = 0.41", {"rate": 50.0, "bound": 0.41}, cause=True
    )
    return Consultation("xor.py", WATCHED, reading(), diagnosis(), Examination(run, False, (remark,)))


def untold() -> Consultation:
    """A script of which rounding could explain everything."""
    all_tensors = dict.fromkeys((one.name for one in diagnosis().judged), "cannot tell")
    return Consultation("xor.py", WATCHED, reading(), diagnosis("cannot tell", all_tensors))  # type: ignore[arg-type]


def unread() -> Consultation:
    """A script that raised before it trained."""
    error = 'Traceback (last):\n  File "xor.py", line 7\n    1 / 0  # ```[red]`<i>\nKeyError: "<b>"\n'
    watched = Watched(RECORDING, "raised", 1, error, "", "", ("data.csv lies beside the script",))
    return Consultation("xor.py", watched, stopped="no array changes step by step\n3 arrays were seen: X, y, W1")


CONSULTATIONS = (
    wrong,
    two_mistakes,
    repeated,
    unexplained,
    guessed,
    asking,
    plateau,
    learning,
    diverging,
    untold,
    unread,
)
