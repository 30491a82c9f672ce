"""Whatever is given to the command line: a message that names the place, status 2, no traceback, no half file."""

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from backproof.cli import app
from backproof.files import MAX_SPEC_BYTES, dumps, write_weights
from doubles import SPEC

NET = SPEC.model_dump(mode="json")
CLASSES = NET | {"loss": {"type": "cross_entropy"}}
X = np.arange(24.0).reshape(6, 4) / 24
Y = np.ones((6, 3))
WEIGHTS = SPEC.initial_parameters()

Make = Callable[[Path], list[str]]
"""Writes what is wrong into a folder, and returns the arguments."""


def spec(content: str | bytes | dict[str, Any], name: str = "net.json") -> Make:
    """A spec file with this content."""

    def make(folder: Path) -> list[str]:
        text = json.dumps(content) if isinstance(content, dict) else content
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return [str(folder / name)]

    return make


def changed(**fields: Any) -> Make:
    """The small network with other fields."""
    return spec(NET | fields)


def layer(**fields: Any) -> Make:
    """The small network with another first layer."""
    return changed(layers=[fields, *NET["layers"][1:]])


def data(x: Any, y: Any, net: dict[str, Any] = NET, **more: Any) -> Make:
    """The small network with these data."""

    def make(folder: Path) -> list[str]:
        np.savez(folder / "data.npz", x=x, y=y, **more)
        return [*spec(net)(folder), "--data", str(folder / "data.npz")]

    return make


def text_data(text: str, name: str = "data.json") -> Make:
    """The small network with these data, as text."""

    def make(folder: Path) -> list[str]:
        (folder / name).write_text(text)
        return [*spec(NET)(folder), "--data", str(folder / name)]

    return make


def weights(arrays: dict[str, Any] | bytes, name: str = "w.safetensors") -> Make:
    """The small network with these weights, or with a file of these bytes."""

    def make(folder: Path) -> list[str]:
        if isinstance(arrays, bytes):
            (folder / name).write_bytes(arrays)
        else:
            write_weights(arrays, folder / name)
        return [*spec(NET)(folder), "--weights", str(folder / name)]

    return make


def objects(folder: Path) -> list[str]:
    """Weights in an archive that holds pickled Python objects."""
    np.savez(folder / "w.npz", **{"hidden.weight": np.array([{}, []], dtype=object)})  # type: ignore[arg-type]
    return [*spec(NET)(folder), "--weights", str(folder / "w.npz")]


def torch_like(folder: Path) -> list[str]:
    """Weights as PyTorch saves them, under another name."""
    with zipfile.ZipFile(folder / "w.safetensors", "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps({}))
    return [*spec(NET)(folder), "--weights", str(folder / "w.safetensors")]


def truncated(folder: Path) -> list[str]:
    """Weights of which the end is missing."""
    arguments = weights(WEIGHTS)(folder)
    path = Path(arguments[-1])
    path.write_bytes(path.read_bytes()[:-9])
    return arguments


def options(*arguments: str) -> Make:
    """The small network with six observations and these options."""
    return lambda folder: [*data(X, Y)(folder), *arguments]


def json_target(*parts: str) -> Make:
    """A report that cannot be written there."""

    def make(folder: Path) -> list[str]:
        (folder / "file").write_text("mine")
        (folder / "folder").mkdir()
        return [*spec(NET)(folder), "--json", str(folder.joinpath(*parts)), "--implementations", "numpy"]

    return make


def with_x(value: float) -> np.ndarray[Any, Any]:
    """Inputs of which one entry is this."""
    x = X.copy()
    x[2, 1] = value
    return x


def without(name: str, **more: Any) -> dict[str, Any]:
    """Weights without this one, and with these."""
    return {own: w for own, w in (WEIGHTS | more).items() if own != name}


TABLE: dict[str, tuple[Make, str]] = {
    # the spec
    "missing file": (lambda folder: [str(folder / "no.json")], "no.json: cannot be read: no such file"),
    "a folder": (lambda folder: [str(folder)], "expected a name ending in .json"),
    "empty file": (spec(""), "net.json: the file is empty"),
    "wrong suffix": (spec("{}", "net.txt"), "net.txt: expected a name ending in .json, .yaml, .yml, .toml"),
    "not UTF-8": (spec(b'{"name": "\xff"}'), "net.json: expected UTF-8, found byte 0xff at 10"),
    "truncated": (spec(json.dumps(NET)[:-5]), "net.json, line 1, column "),
    "truncated YAML": (spec("layers: [{type: dense", "net.yaml"), "net.yaml, line "),
    "truncated TOML": (spec("layers = [{", "net.toml"), "net.toml: "),
    "JSON key twice": (spec('{"seed": 1, "seed": 2}'), "the key 'seed' appears twice"),
    "YAML key twice": (
        spec("seed: 1\nseed: 2", "net.yml"),
        "net.yml, line 2, column 1: the key 'seed' appears twice",
    ),
    "TOML key twice": (spec("seed = 1\nseed = 2", "net.toml"), "net.toml: "),
    "YAML that runs code": (
        spec("a: !!python/name:os.system ''", "n.yaml"),
        "n.yaml, line 1, column 4: tags are not",
    ),
    "too deep": (spec("[" * 50_000), "net.json: nested too deep"),
    "a million layers": (
        spec(json.dumps(NET | {"layers": [{"type": "tanh"}] * 1_000_000})),
        f"net.json: expected at most {MAX_SPEC_BYTES:,} bytes, found ",
    ),
    "too many layers": (
        changed(layers=[{"type": "tanh"}] * 10_001),
        "layers: expected at most 10,000, found 10,001",
    ),
    "not a mapping": (spec("[1]"), "expected an object, found [1]"),
    "no layers": (changed(layers=[]), "layers: "),
    "missing field": (spec({"name": "x"}), "input_shape: missing"),
    "unknown field": (changed(learning_rate=1), "learning_rate: unknown field, found 1"),
    "unknown field of a layer": (layer(type="dense", units=5, size=3), "layers[0].size: unknown field, found 3"),
    "unknown layer": (layer(type="dens", units=5), "layers[0]: unknown type 'dens', expected one of"),
    "layer without type": (layer(units=5), "layers[0]: the field type is missing"),
    "text for a number": (layer(type="dense", units="5"), "layers[0].units: expected a valid integer, found '5'"),
    "fraction of a unit": (layer(type="dense", units=5.5), "layers[0].units: expected a valid integer, found 5.5"),
    "no unit": (layer(type="dense", units=0), "layers[0].units: expected greater than 0, found 0"),
    "NaN": (spec(dumps(SPEC, "json").replace("0.1", "NaN")), "optimizer.learning_rate: expected a finite number"),
    "empty input": (changed(input_shape=[0]), "input_shape[0]: expected greater than 0, found 0"),
    "scalar input": (changed(input_shape=[]), "layers[0] (hidden): expected an input with at least one axis"),
    "too many parameters": (layer(type="dense", units=10**9), "layers[0] (dense1): expected at most"),
    "a name twice": (changed(layers=[NET["layers"][0]] * 2), "layers: layer names must be unique, found hidden"),
    # the data
    "wrong shape of x": (data(X[:, :3], Y), "x: expected shape (B, 4), found (6, 3)"),
    "wrong shape of y": (data(X, Y[:5]), "y: expected shape (6, 3), found (5, 3)"),
    "empty batch": (data(X[:0], Y[:0]), "x: expected at least one observation, found an empty batch"),
    "NaN in x": (data(with_x(np.nan), Y), "x[2, 1]: expected a finite number, found nan"),
    "infinity in x": (data(with_x(-np.inf), Y), "x[2, 1]: expected a finite number, found -inf"),
    "text in x": (data(X.astype(str), Y), "x: expected real numbers, found dtype <U"),
    "complex y": (data(X, Y * 1j), "y: expected real numbers, found dtype complex128"),
    "booleans in y": (data(X, Y > 0), "y: expected real numbers, found dtype bool"),
    "objects in y": (data(X, np.array([{}] * 6)), "pickled"),
    "another array": (data(X, Y, z=X), "data.npz: expected the keys x and y: unknown key 'z'"),
    "class too large": (data(X, np.array([0, 1, 2, 0, 1, 3]), CLASSES), "y: expected class indices from 0 to 2"),
    "negative class": (data(X, np.array([0, 1, 2, 0, 1, -1]), CLASSES), "y: expected class indices from 0 to 2"),
    "fractional class": (data(X, np.ones(6), CLASSES), "y: expected integer class indices, found dtype float64"),
    "no y": (text_data('{"x": [[1, 2, 3, 4]]}'), "data.json: expected the keys x and y: y is missing"),
    "ragged x": (text_data('{"x": [[1, 2], [1]], "y": [1]}'), "data.json: x[1]: expected shape (2,) as in x[0]"),
    "NaN in JSON": (
        text_data('{"x": [[NaN]], "y": [1]}'),
        "data.json: x[0, 0]: expected a finite number, found nan",
    ),
    "data as CSV": (text_data("1,2", "data.csv"), "data.csv: expected a name ending in"),
    "pickled data": (
        text_data("1", "data.pkl"),
        "data.pkl: expected .safetensors or .npz, found a file that is pickled",
    ),
    # the weights
    "weights missing": (weights(without("hidden.bias")), "weights: hidden.bias: missing, expected shape (5,)"),
    "a weight too many": (weights(WEIGHTS | {"extra.weight": X}), "weights: extra.weight: not in the spec"),
    "a weight misnamed": (weights(without("hidden.bias", Bias=np.ones(5))), "weights: Bias: not in the spec"),
    "a weight transposed": (
        weights(WEIGHTS | {"hidden.weight": WEIGHTS["hidden.weight"].T}),
        "weights: hidden.weight: expected shape (4, 5), found (5, 4)",
    ),
    "NaN in a weight": (
        weights(WEIGHTS | {"hidden.bias": np.full(5, np.nan)}),
        "hidden.bias: expected finite numbers",
    ),
    "booleans as weights": (
        weights(WEIGHTS | {"hidden.bias": np.ones(5, bool)}),
        "hidden.bias: expected real numbers",
    ),
    "torch file": (
        weights(pickle.dumps({}), "w.pt"),
        "w.pt: expected .safetensors or .npz, found a file that is pickled",
    ),
    "pickle": (
        weights(pickle.dumps({}), "w.pickle"),
        "w.pickle: expected .safetensors or .npz, found a file that is",
    ),
    "pickle in disguise": (weights(pickle.dumps({}), "w.safetensors"), "can run any code"),
    "torch file in disguise": (torch_like, "can run any code"),
    "objects in npz": (objects, "can run any code"),
    "weights truncated": (truncated, "w.safetensors: truncated, corrupt or not .safetensors"),
    "no weights at all": (weights(b"hello world", "w.npz"), "w.npz: truncated, corrupt or not .npz"),
    "empty weights": (weights(b"", "w.npz"), "w.npz: the file is empty"),
    "weights as text": (weights(b"1 2", "w.txt"), "w.txt: expected a name ending in .safetensors, .npz"),
    "weights that are not there": (
        lambda folder: [*spec(NET)(folder), "--weights", str(folder / "w.npz")],
        "w.npz: cannot be read: no such file",
    ),
    # the options
    "no steps": (options("--steps", "0"), "--steps"),
    "steps in words": (options("--steps", "three"), "--steps"),
    "no batch": (options("--batch-size", "0"), "--batch-size"),
    "batch too large": (
        options("--batch-size", "7"),
        "batch_size: expected 1 to 6 (the observations given), found 7",
    ),
    "unknown precision": (options("--dtype", "float16"), "--dtype"),
    "unknown implementation": (options("--implementations", "numpy,theano"), "found theano"),
    "implementation twice": (options("--implementations", "numpy,numpy"), "expected each name once"),
    "no implementation": (options("--implementations", ""), "expected names separated by commas, found ''"),
    "unknown option": (options("--tolerance", "1"), "--tolerance"),
    "report into nowhere": (json_target("nowhere", "r.json"), "nowhere is not a folder"),
    "report into a file": (json_target("file", "r.json"), "file is not a folder"),
    "report over a folder": (json_target("folder"), "it is a folder"),
}


@pytest.mark.parametrize(("make", "message"), TABLE.values(), ids=TABLE.keys())
def test_bad_input_is_an_error_message(tmp_path: Path, make: Make, message: str) -> None:
    arguments = make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = CliRunner().invoke(app, ["check", *arguments], env={"COLUMNS": "400"})
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert message in " ".join(result.stderr.replace("\n  ", " ").split())
    assert "Traceback" not in result.stderr
    assert len(result.stderr) < 4000
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_every_wrong_field_is_told_at_once(tmp_path: Path) -> None:
    arguments = changed(seed=-1, generator="dice", optimizer={"type": "sgd"})(tmp_path)
    stderr = CliRunner().invoke(app, ["check", *arguments]).stderr
    assert [line.split(":")[0].strip() for line in stderr.splitlines()[1:]] == ["seed", "generator"]
    assert "optimizer.learning_rate: missing" in stderr.splitlines()[0]


def test_every_wrong_weight_is_told_at_once(tmp_path: Path) -> None:
    arguments = weights({"hidden.weight": X, "b": X})(tmp_path)
    stderr = CliRunner().invoke(app, ["check", *arguments]).stderr
    for name in ("hidden.weight: expected shape", "hidden.bias: missing", "output.weight: missing", "b: not in"):
        assert name in stderr
