"""Arrays in files: weights and whole states (.safetensors, .npz), data (also .json).

Pickled files are refused, whatever their name: reading one runs the code that it holds.
"""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backproof.disk import read_bytes, reason, replacing
from backproof.errors import BadInput, DataError, WeightsError
from backproof.fields import Array
from backproof.json_text import numbers, strict_json
from backproof.losses import NOTHING
from backproof.spec import Batch
from backproof.step import State

StrPath = str | os.PathLike[str]

MAX_JSON_BYTES = 64 * 2**20
"""Larger data belongs into .npz or .safetensors."""

STATE_FORMAT = "backproof state 1"
"""Names in a state file: `parameters/dense1.weight`, `slots/velocity/dense1.weight`, `buffers/norm1.mean`; `step`
and this line, as `format`, are in the metadata."""

_PICKLES = {".pt", ".pth", ".pkl", ".pickle", ".joblib", ".npy", ".ckpt", ".bin"}


def read_weights(path: StrPath) -> dict[str, Array]:
    """Return the arrays of a .safetensors or .npz file by name; `check_parameters` holds them against a spec.

    Raises
    ------
    WeightsError
        If the file cannot be read, is corrupt, or is pickled.
    """
    return _read_arrays(Path(path), WeightsError)[0]


def write_weights(parameters: Mapping[str, Array], path: StrPath) -> None:
    """Write arrays to a .safetensors or .npz file, all of it or nothing.

    Raises
    ------
    WeightsError
        If the suffix is neither, or an array has a dtype that cannot be written.
    BadInput
        If the file cannot be written.
    """
    _write_arrays(parameters, Path(path), WeightsError)


def read_state(path: StrPath) -> State:
    """Return a state from a .safetensors file that `write_state` wrote, bit for bit.

    Raises
    ------
    WeightsError
        If the file cannot be read, is corrupt, or does not hold a state.
    """
    path = Path(path)
    if path.suffix.lower() != ".safetensors":
        raise WeightsError(f"{path}: expected a name ending in .safetensors")
    arrays, metadata = _read_arrays(path, WeightsError)
    step = metadata.get("step", "")
    if metadata.get("format") != STATE_FORMAT or not (step.isascii() and step.isdigit() and len(step) < 19):
        raise WeightsError(f"{path}: expected metadata format {STATE_FORMAT!r} and step, found {metadata!r:.100}")
    state = State({}, step=int(step))
    for key, array in arrays.items():
        match key.split("/"):
            case ["parameters", name]:
                state.parameters[name] = array
            case ["buffers", name]:
                state.buffers[name] = array
            case ["slots", slot, name]:
                state.slots.setdefault(slot, {})[name] = array
            case _:
                raise WeightsError(f"{path}: expected parameters/…, slots/…/… and buffers/…, found {key!r:.100}")
    return state


def write_state(state: State, path: StrPath) -> None:
    """Write a state to one .safetensors file, all of it or nothing.

    Raises
    ------
    WeightsError
        If the suffix is another one, or an array has a dtype that cannot be written.
    BadInput
        If the file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".safetensors":
        raise WeightsError(f"{path}: expected a name ending in .safetensors")
    arrays = {f"parameters/{name}": w for name, w in state.parameters.items()}
    arrays |= {f"slots/{slot}/{name}": s for slot, own in state.slots.items() for name, s in own.items()}
    arrays |= {f"buffers/{name}": b for name, b in state.buffers.items()}
    _write_arrays(arrays, path, WeightsError, {"format": STATE_FORMAT, "step": str(state.step)})


def read_data(path: StrPath) -> Batch:
    """Return the arrays `x` and `y` of a .npz, .safetensors or .json file; whole numbers stay integers.

    Further arrays are side inputs, whose names have a dot: `dropout1.mask`.

    Raises
    ------
    DataError
        If the file cannot be read, is corrupt or pickled, does not hold x and y, or holds anything but
        rectangular arrays of finite numbers.
    """
    path = Path(path)
    is_json = path.suffix.lower() == ".json"
    found = _read_json(path) if is_json else _read_arrays(path, DataError, ", .json")[0]
    if problems := [f"{key} is missing" for key in ("x", "y") if key not in found] + [
        f"unknown key {key!r:.60}" for key in found if key not in ("x", "y") and "." not in key
    ]:
        raise DataError(f"{path}: expected the keys x and y: {', '.join(problems[:8])}")
    try:
        arrays = {k: a if isinstance(a, np.ndarray) else numbers(a, k) for k, a in found.items()}
        return Batch(arrays.pop("x"), arrays.pop("y"), arrays)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except RecursionError:
        raise DataError(f"{path}: nested too deep to be an array") from None


def write_data(x: Array, y: Array, path: StrPath, side: Mapping[str, Array] = NOTHING) -> None:
    """Write inputs, targets and side inputs to a .npz or .safetensors file, all of it or nothing.

    Raises
    ------
    DataError
        If the suffix is neither, or an array has a dtype that cannot be written.
    BadInput
        If the file cannot be written.
    """
    _write_arrays({"x": x, "y": y, **side}, Path(path), DataError)


def _read_arrays(path: Path, problem: type[BadInput], more: str = "") -> tuple[dict[str, Array], dict[str, str]]:
    """Return the arrays of a file, and its metadata where the format has any."""
    suffix = path.suffix.lower()
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise problem(f"{path}: cannot be read: {reason(error)}") from None
    if suffix in _PICKLES or head[:1] == b"\x80" or (head[:2] == b"PK" and _holds_pickle(path)):
        raise problem(
            f"{path}: expected .safetensors or .npz, found a file that is pickled or may be: reading one can run "
            "any code. Where you trust it, load it and write the arrays again, with "
            "safetensors.torch.save_file(model.state_dict(), ...) or numpy.savez"
        )
    if suffix not in (".safetensors", ".npz"):
        raise problem(f"{path}: expected a name ending in .safetensors, .npz{more}")
    if not head:
        raise problem(f"{path}: the file is empty")
    try:
        return _read_safetensors(path) if suffix == ".safetensors" else (_read_npz(path), {})
    except Exception as error:  # a corrupt file can fail anywhere inside zipfile, zlib, NumPy or safetensors
        if isinstance(error, BadInput):
            raise problem(str(error)) from None
        raise problem(
            f"{path}: truncated, corrupt or not {suffix}: {' '.join(str(error).split())[:200]}"
        ) from None


def _read_safetensors(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        names = file.keys()
        return {name: np.array(file.get_tensor(name)) for name in names}, dict(file.metadata() or {})


def _read_npz(path: Path) -> dict[str, Array]:
    with path.open("rb") as stream:  # np.load leaves a file that it opened itself open where it fails
        file = np.load(stream, allow_pickle=False)
        if isinstance(file, np.ndarray):
            raise BadInput(f"{path}: expected .npz, found a single array")
        if len(set(file.files)) < len(file.files):
            raise BadInput(f"{path}: an array appears twice")
        arrays = {name: file[name] for name in file.files}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise BadInput(f"{path}: expected arrays only, found the file {name!r:.60}")
    return arrays


def _holds_pickle(path: Path) -> bool:
    """Return whether a zip archive holds a pickle, as PyTorch's files do, or an array of Python objects."""
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if Path(entry.filename).suffix in (".pkl", ".pickle"):
                    return True
                if entry.filename.endswith(".npy"):
                    with archive.open(entry) as file:
                        if b"'|O'" in file.read(200):
                            return True
    except Exception:  # a corrupt archive: reading it will say so
        return False
    return False


def _write_arrays(
    arrays: Mapping[str, Any], path: Path, problem: type[BadInput], metadata: dict[str, str] | None = None
) -> None:
    suffix = path.suffix.lower()
    if suffix not in (".safetensors", ".npz"):
        raise problem(f"{path}: expected a name ending in .safetensors or .npz")
    plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    for name, array in plain.items():
        if array.dtype.kind not in "fiub" or array.dtype.itemsize > 8:
            raise problem(f"{path}: {name}: cannot write dtype {array.dtype}")
    with replacing(path) as file:
        if suffix == ".npz":
            np.savez(file, **plain)  # type: ignore[arg-type] # its keywords are the names
        else:
            from safetensors.numpy import save

            file.write(save(plain, metadata))


def _read_json(path: Path) -> dict[str, Any]:
    content = read_bytes(path, MAX_JSON_BYTES, DataError)
    try:
        found = strict_json(content)
    except RecursionError:
        raise DataError(f"{path}: nested too deep to be an array") from None
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError as error:
        raise DataError(f"{path}: {error}") from None
    if not isinstance(found, dict):
        raise DataError(f"{path}: expected an object with the keys x and y, found {found!r:.40}")
    return found
