"""Specs as JSON, YAML and TOML; weights, states and data are in `array_files`.

A spec survives the way out and back in each of the three: `read_spec(path) == spec`. YAML and TOML are turned into
JSON first, so that all three are equally strict and complain in the same words.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from backproof.array_files import (
    read_data,
    read_state,
    read_weights,
    write_data,
    write_state,
    write_weights,
)
from backproof.disk import read_bytes, replacing
from backproof.errors import BadInput, SpecError
from backproof.json_text import strict_json
from backproof.spec import ModelSpec, parse
from backproof.yaml_text import dumps_yaml, loads_yaml

Format = Literal["json", "yaml", "toml"]
StrPath = str | os.PathLike[str]

MAX_SPEC_BYTES = 4 * 2**20
"""A larger spec file is refused before it is parsed."""

_FORMATS: dict[str, Format] = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}


def as_spec(spec: ModelSpec | Mapping[str, Any] | str | os.PathLike[str]) -> ModelSpec:
    """Return a spec that may be given as an object, as what its file would hold, or as the file's path.

    Raises
    ------
    SpecError
        If it is no spec; the message names the field, what was found and what was expected.
    """
    if isinstance(spec, ModelSpec):
        return spec
    if isinstance(spec, Mapping):
        try:
            return parse(json.dumps(spec))
        except (TypeError, ValueError) as error:
            if isinstance(error, BadInput):
                raise
            raise SpecError(f"spec: {error}") from None
    return read_spec(Path(spec))


def read_spec(path: StrPath) -> ModelSpec:
    """Return the spec in a .json, .yaml, .yml or .toml file.

    Raises
    ------
    SpecError
        If the file cannot be read, is larger than `MAX_SPEC_BYTES`, is not UTF-8 or does not hold a valid spec.
    """
    path = Path(path)
    format = _format(path)
    content = read_bytes(path, MAX_SPEC_BYTES, SpecError)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(
            f"{path}: expected UTF-8, found byte 0x{content[error.start]:02x} at {error.start:,}"
        ) from None
    return loads(text, format, source=str(path))


def write_spec(spec: ModelSpec, path: StrPath) -> None:
    """Write a spec to a .json, .yaml, .yml or .toml file, all of it or nothing.

    Raises
    ------
    SpecError
        If the suffix is none of these.
    BadInput
        If the file cannot be written.
    """
    path = Path(path)
    text = dumps(spec, _format(path))
    with replacing(path) as file:
        file.write(text.encode())


def loads(text: str, format: Format, *, source: str = "spec") -> ModelSpec:
    """Return the spec that a text describes; `source` names it in messages.

    Raises
    ------
    SpecError
        With line and column where the text is malformed, with the field where its content is wrong.
    """
    if not text.strip():
        raise SpecError(f"{source}: expected a spec, found nothing")
    try:
        if format == "json":
            strict_json(text)  # the validator keeps the last of two equal keys
            return parse(text, source)
        data = loads_yaml(text, source) if format == "yaml" else tomllib.loads(text)
        return parse(json.dumps(data), source)
    except RecursionError:
        raise SpecError(f"{source}: nested too deep to be a spec") from None
    except json.JSONDecodeError as error:
        raise SpecError(f"{source}, line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (TypeError, ValueError) as error:  # TOML has dates, which JSON has not
        if isinstance(error, SpecError):
            raise
        lines = text.split("\n")
        end = f"(at line {len(lines)}, column {len(lines[-1]) + 1})"
        raise SpecError(f"{source}: {str(error).replace('(at end of document)', end)}") from None


def dumps(spec: ModelSpec, format: Format) -> str:
    """Return a spec as text. TOML has no null: a field that is None is left out there, which means the same."""
    if format == "json":
        return spec.model_dump_json(indent=2) + "\n"
    if format == "yaml":
        return dumps_yaml(spec.model_dump(mode="json"))
    import tomli_w

    return tomli_w.dumps(spec.model_dump(mode="json", exclude_none=True))


def _format(path: Path) -> Format:
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise SpecError(f"{path}: expected a name ending in {', '.join(_FORMATS)}") from None


__all__ = [
    "MAX_SPEC_BYTES",
    "dumps",
    "loads",
    "read_data",
    "read_spec",
    "read_state",
    "read_weights",
    "write_data",
    "write_spec",
    "write_state",
    "write_weights",
]
