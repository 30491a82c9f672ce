"""Scripts as people write them, from the file to the line: a few of each kind; `nox -s doctor` runs them all."""

import subprocess

import pytest

from backproof.doctor.consultation import Outcome, consult
from doctor_truth import grade, truths

ENDED = {"finished", "stopped: enough seen", "stopped: time limit"}
"""A script with nothing amiss ends by itself, or is stopped: that depends on the machine."""

WRONG = {
    "theta_binary": "functions that hand tuples around, no biases",
    "pixels_4x2": "weights updated before the error goes back through them: the order of lines, no formula",
    "layers_sigmoid": "a class per layer, the mistake in a method that both layers call",
    "one_unit_each": "every weight a number of its own",
    "flower_course": "columns, in functions that hand dicts around",
    "spiral": "integer labels and softmax in place; the mask is taken of the wrong array",
    "deep_lists": "layers in lists; the mistake in a loop over them",
    "rms_quadrants": "an optimizer's mistake: right gradients, wrong updates",
    "housing_float32": "float32, where the tolerance is another",
    "disc_augmented": "biases within the matrices, and two mistakes at once",
}
"""Why each is among those that the suite runs."""

RIGHT = {
    "neuron_objects": "an object per neuron",
    "ones_column_last": "biases within the matrices",
    "planar_params_dict": "columns, in the style of a course",
    "friedman_adam": "Adam",
    "deep_params_dict": "four layers, made in a loop",
    "weights1_class": "a class whose backprop updates the weights itself",
}

HOSTILE: dict[str, tuple[Outcome, set[str], str]] = {
    "asks_input": ("not read", {"raised"}, "asks for input"),
    "calls_exit": ("right", {"exited"}, "converged"),
    "changes_directory": ("wrong", ENDED, ""),
    "never_ends": ("right", {"stopped: enough seen", "stopped: time limit"}, ""),
    "no_arrays": ("right", ENDED, ""),
    "opens_window": ("wrong", ENDED, ""),
    "prints_everything": ("wrong", ENDED, ""),
    "raises_at_start": ("not read", {"raised"}, "students_2019.csv not found"),
    "raises_midway": ("right", {"raised"}, "ValueError"),
    "spawns_threads": ("right", ENDED, ""),
    "uses_processes": ("not read", ENDED, "not watched"),
}
"""What the doctor says, how a run may end, and what is said of that: all of them, each being its own danger."""


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named_with_its_line(name: str) -> None:
    truth = truths("wrong")[name]
    diagnosis = consult(truth.path, examining=False).diagnosis
    assert diagnosis is not None
    assert grade(diagnosis.answer, diagnosis.explanations, truth.mistakes) == "exact"
    assert truth.lines <= {one.line for one in diagnosis.corrections}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_not_accused(name: str) -> None:
    assert consult(truths("right")[name].path, examining=False).outcome == "right"


@pytest.mark.parametrize("name", HOSTILE)
def test_however_a_script_behaves(name: str) -> None:
    outcome, ended, told = HOSTILE[name]
    script = truths("hostile")[name].path
    found = consult(script, examining=False, time_limit=10.0)
    assert found.watched is not None
    assert found.outcome == outcome
    assert found.watched.ended in ended
    assert told in " ".join((found.stopped or "", found.watched.error, *found.watched.notes))
    shown = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True)
    assert [line for line in shown.stdout.splitlines() if str(script) in line] == []
