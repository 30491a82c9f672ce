"""Validation errors in the words of the spec: place, what was expected, what was found."""

import json
from typing import Any

from pydantic import ValidationError

LIMIT = 8
"""How many wrong fields are listed."""


def explain(error: ValidationError, data: str | bytes = b"") -> str:
    """Turn a validation error into one line per wrong field.

    `data` is the JSON text; with it, the places are those in the text, without pydantic's marks for the members
    of a union.
    """
    problems = error.errors(include_url=False)
    root = None if problems[0]["type"] == "json_invalid" else json.loads(data or b"null")
    told: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        if not _is_echo(problem):
            expected, found = _message(problem)
            told.setdefault((_place(problem["loc"], root), found), []).append(expected)
    lines = [
        # What may be one thing or another has a problem for each.
        (f"{place}: " if place else "") + _either(expected) + found
        for (place, found), expected in told.items()
    ]
    more = len(lines) - LIMIT
    return "\n  ".join(lines[:LIMIT] + ([f"... and {more:,} more"] if more > 0 else []))


def _is_echo(problem: Any) -> bool:
    """Return whether a problem only follows from another one.

    A list is empty where all its items are wrong; a number-or-schedule complains of not being the other.
    """
    kind, found = problem["type"], problem["input"]
    in_union = isinstance(problem["loc"][-1] if problem["loc"] else None, str) and "-" in problem["loc"][-1]
    return (
        (kind == "too_short" and bool(found) and problem["ctx"]["actual_length"] == 0)
        or (kind == "float_type" and in_union and isinstance(found, dict))
        or (kind == "dict_type" and in_union)
    )


def _either(messages: list[str]) -> str:
    """Return one message of all: 'expected a list or a valid integer'."""
    first, *others = dict.fromkeys(messages)
    return " or ".join([first, *(other.removeprefix("expected ") for other in others)])


def _message(problem: Any) -> tuple[str, str]:
    """Return what was expected, and what was found, if the one does not say the other."""
    kind, found, context = problem["type"], problem["input"], problem.get("ctx", {})
    if kind == "union_tag_invalid":
        expected = context["expected_tags"].replace(chr(39), "")
        return f"unknown type {context['tag']!r}, expected one of {expected}", ""
    if kind == "union_tag_not_found":
        return "the field type is missing", ""
    if kind == "missing":
        return "missing", ""
    if kind == "too_long" and isinstance(found, list | tuple):
        return f"expected at most {context['max_length']:,}, found {context['actual_length'] or len(found):,}", ""
    if kind == "json_invalid":
        return problem["msg"], ""
    if kind == "value_error":
        return problem["msg"].removeprefix("Value error, "), ""
    if kind == "extra_forbidden":
        return "unknown field", f", found {_short(found)}"
    expected = problem["msg"].removeprefix("Input ").replace(" after validation, not 0", "")
    expected = expected.replace("should be", "expected").replace("a valid array", "a list")
    return expected, f", found {_short(found)}"


def _place(parts: tuple[int | str, ...], root: Any) -> str:
    """Return `layers[0].units` for ('layers', 0, 'dense', 'units'), walking down the data alongside."""
    here, tagged, place = root, False, ""
    for part in parts:
        if isinstance(part, int):
            place += f"[{part}]"
            here = here[part] if isinstance(here, list) and part < len(here) else None
        elif isinstance(here, dict) and not tagged and part == here.get("type"):
            tagged = True  # the name of a union's member, not of a field
            continue
        elif not (isinstance(here, dict) and part in here) and ("[" in part or "-" in part):
            continue  # the name of a union
        else:
            name = part if part.isidentifier() else repr(part)
            place += f".{name if len(name) <= 60 else name[:57] + '...'}"
            here = here.get(part) if isinstance(here, dict) else None
        tagged = False
    return place.lstrip(".")


def _short(value: Any) -> str:
    """Return a value on one short line; a large one is not written out first."""
    if isinstance(value, list | tuple | dict) and len(value) > 20:
        return f"a {'mapping' if isinstance(value, dict) else 'list'} of {len(value):,}"
    text = repr(value[:80] if isinstance(value, str | bytes) else value)
    return text if len(text) <= 60 else text[:57] + "..."
