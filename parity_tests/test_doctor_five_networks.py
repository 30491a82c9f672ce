"""The doctor on the five networks, as their askers wrote them: its answers against what was measured.

The README beside the scripts quotes the answers, and has a table of every claim made in the threads: each row is
measured again here, and comes out as it is printed.
"""

import sys
from functools import cache
from importlib import import_module

import pytest

from backproof.doctor.consultation import Consultation, consult
from backproof.doctor.diagnosis import Correction, Diagnosis
from backproof.doctor.examination import Examination, Remark
from backproof.doctor.reading import Reading
from backproof.doctor.report import markdown, pages, sentences
from backproof.implementation import names
from backproof.losses.squared_error import SquaredError
from conftest import load
from test_examples import EXAMPLES

FOLDER = EXAMPLES / "doctor"
README = (FOLDER / "README.md").read_text(encoding="utf-8")

PATIENCE = 120.0
"""A slow machine is to find what a fast one does."""

WRONG_SIGN = "update with the wrong sign"
DELTA = "δ used as the weight gradient"


@cache
def consulted(script: str) -> Consultation:
    """What the doctor says of a script."""
    if script in ("rows_digits", "book_columns"):
        pytest.importorskip("sklearn")
    return consult(FOLDER / f"{script}.py", patience=PATIENCE)


def read(script: str) -> Reading:
    """What the doctor takes a script for."""
    reading = consulted(script).reading
    assert reading is not None
    return reading


def diagnosed(script: str) -> Diagnosis:
    """The verdict on its gradients."""
    diagnosis = consulted(script).diagnosis
    assert diagnosis is not None
    return diagnosis


def examined(script: str) -> Examination:
    """What is said of its training."""
    examination = consulted(script).examination
    assert examination is not None
    return examination


def remark(script: str, kind: str) -> Remark:
    """The one remark of a kind."""
    (found,) = [one for one in examined(script).remarks if one.kind == kind]
    return found


def causes(script: str) -> set[str]:
    """What holds a training back."""
    return {one.kind for one in examined(script).remarks if one.cause}


def loss_of(script: str) -> tuple[str, float]:
    """Reduction and factor of the squared error that a script descends."""
    loss = read(script).spec.loss
    assert isinstance(loss, SquaredError)
    return loss.reduction, loss.factor


# What the doctor says


RIGHT = {
    "all_ones": "right, not learning",
    "no_bias": "right and learning",
    "saturated_unit": "right, not learning",
    "rows_digits": "right, not learning",
    "book_columns": "right and learning",
    "index_by_index": "right and learning",
}


@pytest.mark.parametrize("script", RIGHT)
def test_gradients_that_are_right_are_not_accused(script: str) -> None:
    assert consulted(script).outcome == RIGHT[script]
    assert {one.answer for one in diagnosed(script).judged} <= {"right", "cannot tell"}


def test_all_ones_sits_on_a_plateau_and_starts_saturated() -> None:
    assert read("all_ones").convention == "augmented"
    assert loss_of("all_ones") == ("sum", 1.0)
    assert read("all_ones").spec.optimizer.rate(0) == 0.5

    plateau = remark("all_ones", "plateau")
    assert plateau.cause
    assert plateau.measured["begin"] < 1000 < plateau.measured["end"] < 10_000
    assert 5000 < plateau.measured["iterations"] < 10_000  # by then the very same run has learnt

    saturation = remark("all_ones", "saturation")
    assert saturation.measured["median slope of sigmoid3"] == pytest.approx(0.019, abs=0.0005)
    assert saturation.measured["share of sigmoid3 at the start"] == 1.0

    rate = remark("all_ones", "rate too small")
    assert any(one.change.startswith("rate 3 ") and one.helps for one in rate.experiments)


def test_the_symmetry_of_all_ones_is_shown_and_is_not_the_cause() -> None:
    symmetry = remark("all_ones", "symmetry")
    assert symmetry.refuted
    assert not any(one.helps for one in symmetry.experiments)
    assert "symmetry" not in causes("all_ones")


def test_the_plus_of_no_bias_is_right_because_its_arrays_are_negated() -> None:
    assert loss_of("no_bias") == ("sum", 0.5)
    assert examined("no_bias").run.losses[-1] < 0.02
    for layer, array in [("dense1", "x.T @ dC_dw1"), ("dense2", "a1.T @ dC_dw2")]:
        source = read("no_bias").sources[f"d {layer}.weight"]
        assert (source.text, source.sign) == (array, -1)
    told = {one.name: (one.source.text, one.factor, one.shape) for one in pages.names(consulted("no_bias"))}
    assert told["δ dense2"] == ("dC_dw2", -1.0, (4, 1))
    assert told["δ dense1"] == ("dC_dw1", -1.0, (4, 4))
    assert "dC_dw2` and `dC_dw1` are not gradients of weights, but −δ" in markdown.render(
        pages.page(consulted("no_bias"))
    )


def test_the_minus_of_no_bias_is_named_with_its_lines() -> None:
    diagnosis = diagnosed("no_bias_minus")
    assert named(diagnosis) == {WRONG_SIGN}
    assert [(one.line, one.written, one.corrected) for one in by_line(diagnosis)] == [
        (26, "weight2 -= rate * a1.T @ dC_dw2", "weight2 += rate * a1.T @ dC_dw2"),
        (27, "weight1 -= rate * x.T @ dC_dw1", "weight1 += rate * x.T @ dC_dw1"),
    ]


def test_the_textbook_update_of_no_bias_takes_delta_for_the_gradient() -> None:
    consultation = consulted("no_bias_textbook")
    assert consultation.watched is not None
    assert consultation.watched.ended == "raised"
    assert "shapes (3,4) (4,4)" in sentences.answer(consultation)
    assert loss_of("no_bias_textbook") == ("sum", 0.5)
    diagnosis = diagnosed("no_bias_textbook")
    assert named(diagnosis) == {DELTA, "wrong sign of the loss's gradient"}
    assert [one.line for one in by_line(diagnosis)] == [21, 26]
    assert {one.name for one in diagnosis.judged if one.phase == "backward"} == {
        "d dense2.weight"
    }  # no other was made


def test_the_saturated_unit_has_a_gradient_that_is_not_zero() -> None:
    assert causes("saturated_unit") == {"saturation"}
    saturation = remark("saturated_unit", "saturation")
    assert saturation.measured["largest gradient"] == pytest.approx(2.41e-20, rel=1e-3, abs=0)
    assert saturation.measured["median slope of sigmoid1"] == pytest.approx(1.9287498e-22, rel=1e-6, abs=0)
    assert "a rounds to 1, and a(1 − a) to exactly 0" in saturation.sentence
    assert {one.answer for one in diagnosed("saturated_unit").judged if one.phase == "backward"} == {"cannot tell"}


def test_the_gradient_that_is_added_is_named() -> None:
    diagnosis = diagnosed("one_one_one")
    assert named(diagnosis) == {WRONG_SIGN}
    assert [one.line for one in by_line(diagnosis)] == [32, 33, 34, 35]
    wrong = {one.phase for one in diagnosis.judged if one.answer == "wrong"}
    assert wrong == {"update"}  # the four formulas are right


def test_f_of_2_is_not_0() -> None:
    watched = consulted("one_one_one").watched
    assert watched is not None
    assert watched.output_head.startswith("k=  0  f(2)=0.500000")


def test_rows_and_columns_are_the_same_network() -> None:
    rows, columns = read("rows_digits"), read("book_columns")
    assert (rows.convention, columns.convention) == ("row", "column")
    assert rows.spec == columns.spec
    assert loss_of("rows_digits") == ("batch_mean", 0.5)
    assert rows.spec.optimizer.rate(0) == 3.0
    assert columns.sources["dense1.weight"].flipped
    assert not rows.sources["dense1.weight"].flipped


def test_weights_from_0_to_1_get_stuck_at_any_rate() -> None:
    assert causes("rows_digits") == {"saturation"}
    saturation, rate = remark("rows_digits", "saturation"), remark("rows_digits", "rate too large")
    (uniform,) = [one for one in saturation.experiments if one.change == "initial weights uniform in [−1, 1]"]
    assert uniform.helps
    assert uniform.run.accuracy is not None
    assert uniform.run.accuracy > 0.95
    assert rate.refuted
    assert not any(one.helps for one in rate.experiments)


def test_the_rate_of_the_book_is_not_too_large() -> None:
    assert remark("book_columns", "rate too large").refuted
    assert examined("book_columns").run.accuracy == 1.0


def test_loops_over_indices_are_read_as_layers() -> None:
    reading = read("index_by_index")
    assert reading.convention == "index"
    assert [p.shape for p in reading.spec.parameters.values()] == [(3, 5), (5,), (5, 4), (4,), (4, 2), (2,)]
    assert loss_of("index_by_index") == ("batch_mean", 1.0)
    assert reading.spec.optimizer.rate(0) == 1.0


def test_more_than_1_is_not_too_much_where_the_curvature_is_small() -> None:
    bounds = remark("index_by_index", "rate too large").measured
    assert bounds["stability bound at the start"] > 1.0
    assert bounds["stability bound at the end"] > 1.0


def named(diagnosis: Diagnosis) -> set[str]:
    """The names of the mistakes of the simplest explanation."""
    assert diagnosis.named is not None
    return {made.mistake.name for made in diagnosis.named.mistakes}


def by_line(diagnosis: Diagnosis) -> list[Correction]:
    """The corrections in the order of the script."""
    return sorted(diagnosis.corrections, key=lambda one: one.line)


@pytest.mark.parametrize("script", [*RIGHT, "no_bias_minus", "no_bias_textbook", "one_one_one"])
def test_the_readme_shows_every_script(script: str) -> None:
    """With its answer; measured numbers are those of the runs here."""
    _, _, rest = README.partition(f"$ backproof doctor examples/doctor/{script}.py\n")
    assert " ".join(rest.partition("```")[0].split()) == sentences.answer(consulted(script)).replace("`", "")


# Every claim


sys.path.insert(0, str(FOLDER))
claims = import_module("claims")
sys.path.remove(str(FOLDER))

CLAIMS = [(title, one) for title, network in claims.NETWORKS.items() for one in network.CLAIMS]


@pytest.mark.parametrize("number", range(len(CLAIMS)), ids=lambda n: CLAIMS[n][1].measure.__name__)
def test_every_claim_is_answered_as_measured(number: int) -> None:
    pytest.importorskip("sklearn")
    for name in names():
        load(name)
    title, claim = CLAIMS[number]
    assert f"### {title}\n" in README
    assert claims.row(claim) in README
