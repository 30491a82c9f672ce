"""A report as JSON, for programs. Steps count from 1; a number that is not finite is null."""

import math
from typing import Any

from backproof.check import Report
from backproof.report.summary import totals
from backproof.verdict import Comparison, Verdict

FORMAT = "backproof report"
VERSION = 1
"""Grows when a field changes its meaning or goes; new fields may come within a version."""


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as data that is valid JSON: no NaN, no infinity.

    `verdicts[].tensors[]` has one entry per implementation, step and tensor, in the order of calculation.
    """
    return {
        "format": FORMAT,
        "version": VERSION,
        "answer": report.answer,
        "spec": report.spec.model_dump(mode="json"),
        "steps": report.steps,
        "resync": report.resync,
        "versions": report.versions,
        "missing": report.missing,
        "verdicts": [_verdict(verdict) for verdict in report.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    count = totals(verdict)
    first = verdict.divergence
    return {
        "dtype": verdict.dtype,
        "answer": verdict.answer,
        "allowed_ratio": verdict.k,
        "compared": count.compared,
        "agree": count.agree,
        "differ": count.differ,
        "cannot_tell": count.cannot_tell,
        "largest_ratio": _finite(count.largest_ratio),
        "largest_relative_difference": _finite(count.largest_relative),
        "first_divergence": None
        if first is None
        else {
            **_label(first.step, first.phase, first.tensor),
            "odd": list(first.odd),
            "groups": [list(group) for group in first.groups],
        },
        "overflow": None if verdict.overflow is None else _label(*verdict.overflow),
        "steps_most_can_be_judged": verdict.horizon(0.5),
        "steps_any_can_be_judged": verdict.horizon(0.0),
        "kinks_within_rounding": verdict.doubtful,
        "notes": list(verdict.notes),
        "tensors": [_comparison(verdict, comparison) for comparison in verdict.comparisons],
    }


def _comparison(verdict: Verdict, comparison: Comparison) -> dict[str, Any]:
    return {
        "implementation": comparison.implementation,
        **_label(*comparison.label),
        "answer": comparison.answer,
        "distance": _finite(comparison.distance),
        "noise_floor": _finite(comparison.floor.value),
        "ratio": _finite(comparison.ratio),
        "scale": _finite(comparison.floor.scale),
        "would_catch": _finite(verdict.blindness(comparison.floor)),
        "reason": comparison.reason,
        "farthest": None
        if comparison.farthest is None
        else {
            "index": list(comparison.farthest.index),
            "expected": _finite(comparison.farthest.expected),
            "found": _finite(comparison.farthest.found),
        },
    }


def _label(step: int, phase: str, tensor: str) -> dict[str, Any]:
    return {"step": step + 1, "phase": phase, "tensor": tensor}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
