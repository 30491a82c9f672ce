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
    told = [_line(_place(problem["loc"], root), problem) for problem in problems if not _is_echo(problem)]
    lines = list(dict.fromkeys(told))
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


def _line(place: str, problem: Any) -> str:
    kind, found, context = problem["type"], problem["input"], problem.get("ctx", {})
    if kind == "union_tag_invalid":
        message = (
            f"unknown type {context['tag']!r}, expected one of {context['expected_tags'].replace(chr(39), '')}"
        )
    elif kind == "union_tag_not_found":
        message = "the field type is missing"
    elif kind == "missing":
        message = "missing"
    elif kind == "too_long" and isinstance(found, list | tuple):
        message = f"expected at most {context['max_length']:,}, found {context['actual_length'] or len(found):,}"
    elif kind == "json_invalid":
        message = problem["msg"]
    elif kind == "value_error":
        message = problem["msg"].removeprefix("Value error, ")
    elif kind == "extra_forbidden":
        message = f"unknown field, found {_short(found)}"
    else:
        expected = problem["msg"].removeprefix("Input ").replace(" after validation, not 0", "")
        message = f"{expected.replace('should be', 'expected')}, found {_short(found)}"
    return f"{place}: {message}" if place else message


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
