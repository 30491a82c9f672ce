"""Specs, weights, states and data survive the way into a file and back; nothing else gets in."""

import json
import pickle
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof import BadInput, DataError, ModelSpec, Network, SpecError, State, WeightsError, schema
from backproof.clipping import ClipByNorm
from backproof.files import (
    MAX_SPEC_BYTES,
    Format,
    dumps,
    loads,
    read_data,
    read_spec,
    read_state,
    read_weights,
    write_data,
    write_spec,
    write_state,
    write_weights,
)
from backproof.optimizers import Adam
from backproof.schedules import Cosine, WarmUp
from cases import CASES, Case
from doubles import SPEC

FORMATS: tuple[Format, ...] = ("json", "yaml", "toml")
SUFFIXES = ("json", "yaml", "yml", "toml")

NESTED = SPEC.model_copy(
    update={
        "optimizer": Adam(
            learning_rate=WarmUp(steps=3, then=Cosine(initial=1, steps=10**6)),
            epsilon=1e-8,
            clip=ClipByNorm(limit=5, epsilon=1e-6),
        )
    }
)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_survives_as_text(case: Case, format: Format) -> None:
    assert loads(dumps(case.spec, format), format) == case.spec


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_survives_pickling(case: Case) -> None:
    _ = case.spec.side_inputs, case.spec.parameters, case.spec.walk  # functions among them
    assert pickle.loads(pickle.dumps(case.spec)) == case.spec


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("spec", [SPEC, NESTED], ids=["plain", "nested"])
def test_specs_survive_as_files(tmp_path: Path, spec: ModelSpec, suffix: str) -> None:
    path = tmp_path / f"net.{suffix}"
    write_spec(spec, path)
    assert read_spec(path) == spec
    write_spec(SPEC, path)  # over an existing file
    assert read_spec(str(path)) == SPEC
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "name",
    [
        *("1e5", "1", "-.5", "no", "null", "~", "2020-01-01", "1:30", "0x1F", ".inf", "", " spaced "),
        *("a: b", "# c", "*a", "<<", "=", "- x", "[x]", "{x", "!x", "tab\tnew\nline\\ \"quoted\" 'twice'"),
        *("σ ✓ 𝄞", "\x7f\x85\u2028\ufeff"),
    ],
    ids=ascii,
)
def test_any_name_survives(format: Format, name: str) -> None:
    spec = SPEC.model_copy(update={"name": name})
    assert loads(dumps(spec, format), format) == spec


@pytest.mark.parametrize("format", FORMATS)
def test_extreme_numbers_survive(format: Format) -> None:
    for rate in (1e-3, 1e22, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1 / 3):
        spec = SPEC.model_copy(update={"optimizer": SPEC.optimizer.model_copy(update={"learning_rate": rate})})
        assert loads(dumps(spec, format), format) == spec


YAML = """
input_shape: [2]
layers: [&layer {type: dense, units: 3}, *layer]
loss: {type: squared_error}
optimizer: {type: sgd, learning_rate: 1e-3, clip: ~}
"""


def test_yaml_reads_numbers_as_json_does_and_unfolds_aliases() -> None:
    spec = loads(YAML, "yaml")
    assert spec.optimizer.learning_rate == 0.001
    assert [layer.name for layer in spec.layers] == ["dense1", "dense2"]


def test_an_integer_for_a_number_is_that_number() -> None:
    spec = loads(YAML.replace("1e-3", "1"), "yaml")
    assert spec.optimizer.learning_rate == 1.0
    assert all(loads(dumps(spec, format), format) == spec for format in FORMATS)


def bomb(levels: int = 12) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


BAD_TEXTS: list[tuple[Format, str, str]] = [
    ("json", '{"name": "a", "name": "b"}', "'name' appears twice"),
    ("json", '{"loss": {"type": "a", "type": "b"}}', "'type' appears twice"),
    ("json", '{"name": "a",', "line 1, column 14"),
    ("json", '{\n  "name": }', "line 2, column 11"),
    ("json", "[" * 100_000, "deep"),
    ("json", '{"a":' * 100_000, "deep"),
    ("json", "[]", "object"),
    ("json", " \n", "found nothing"),
    ("json", '{"seed": ' + "9" * 5000 + "}", "integer"),
    ("yaml", "name: a\nname: b", "line 2, column 1: the key 'name' appears twice"),
    ("yaml", "a: {b: [", ", line "),
    ("yaml", "? [a]\n: b", "key"),
    ("yaml", "1: a", "expected a string as key"),
    ("yaml", "a: !!python/object/apply:os.system [ls]", "tags are not allowed"),
    ("yaml", "a: !!int '3'", "tags are not allowed"),
    ("yaml", "a: &a [*a]", "*a stands for nothing"),
    ("yaml", "a: *b", "*b stands for nothing"),
    ("yaml", bomb(), "1,000,000 nodes"),
    ("yaml", "[" * 100_000, "100 deep"),
    ("yaml", "- " * 100_000 + "a", "100 deep"),
    ("yaml", "a: b\n---\na: b", "expected one document"),
    ("yaml", "# nothing", "expected one document, found none"),
    ("yaml", "a: \x00", "not allowed"),
    ("toml", 'name = "a"\nname = "b"', "Cannot overwrite a value (at line 2, column 11)"),
    ("toml", "name = ", "line 1, column 8"),
    ("toml", "a = " + "[" * 100_000, "deep"),
    ("toml", "name = 2020-01-01", "date"),
]


@pytest.mark.parametrize(("format", "text", "message"), BAD_TEXTS, ids=lambda value: ascii(value)[:30])
def test_bad_texts_are_refused(format: Format, text: str, message: str) -> None:
    with pytest.raises(SpecError) as refused:
        loads(text, format, source="net")
    assert message in str(refused.value)
    assert str(refused.value).startswith("net")
    assert len(str(refused.value)) < 2000


@pytest.mark.parametrize(
    ("format", "value"),
    [
        ("json", "NaN"),
        ("json", "-Infinity"),
        ("json", "1e999"),
        ("yaml", ".nan"),
        ("yaml", ".inf"),
        ("yaml", "1e999"),
        ("toml", "nan"),
        ("toml", "-inf"),
    ],
)
def test_what_is_no_finite_number_is_refused_by_name(format: Format, value: str) -> None:
    text = dumps(SPEC, format).replace("0.1", value)
    with pytest.raises(SpecError, match=r"optimizer\.learning_rate: expected a (finite|valid) number"):
        loads(text, format)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": "x"}, "optimizer.learning_rate: expected a valid number, found 'x'"),
        ({"learning_rate": -1.0}, "optimizer.learning_rate: expected greater than 0, found -1.0"),
        ({"learning_rate": {"type": "bad"}}, "optimizer.learning_rate: unknown type 'bad', expected one of step"),
        (
            {"learning_rate": {"type": "warm_up", "steps": 1, "then": {"type": "cosine", "initial": 1}}},
            "optimizer.learning_rate.then.steps: missing",
        ),
        ({"momentum": 0.9, "my key": 1}, "optimizer.momentum: unknown field, found 0.9"),
        ({"clip": {"type": "norm", "limit": 0}}, "optimizer.clip.limit: expected greater than 0, found 0"),
        ({"type": "momentum", "momentum": 2}, "optimizer.momentum: expected less than 1, found 2"),
    ],
)
def test_wrong_fields_are_named_as_in_the_file(change: dict[str, Any], message: str) -> None:
    data = SPEC.model_dump(mode="json")
    data["optimizer"] |= change
    for format in ("json", "yaml"):
        with pytest.raises(SpecError) as refused:
            loads(json.dumps(data), "json" if format == "json" else "yaml")
        assert message in str(refused.value)


def test_too_many_layers_are_counted_not_printed(tmp_path: Path) -> None:
    data = SPEC.model_dump(mode="json")
    with pytest.raises(SpecError, match=r"layers: expected at most 10,000, found 20,000") as refused:
        loads(json.dumps(data | {"layers": [{"type": "tanh"}] * 20_000}), "json")
    assert len(str(refused.value)) < 200
    million = tmp_path / "million.json"
    million.write_text(json.dumps(data | {"layers": [{"type": "tanh"}] * 1_000_000}))
    with pytest.raises(SpecError, match=rf"at most {MAX_SPEC_BYTES:,} bytes, found {million.stat().st_size:,}"):
        read_spec(million)


def test_unreadable_spec_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes('{"name": "é"}'.encode("latin-1"))
    (tmp_path / "empty.toml").touch()
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "net.ini").write_text("x")
    for name, message in {
        "latin.json": "expected UTF-8, found byte 0xe9 at 10",
        "empty.toml": "empty",
        "folder.json": "is a directory",
        "missing.yaml": "no such file",
        "net.ini": r"ending in \.json, \.yaml, \.yml, \.toml",
    }.items():
        with pytest.raises(SpecError, match=message):
            read_spec(tmp_path / name)


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(b"\xef\xbb\xbf" + dumps(SPEC, "json").encode())
    assert read_spec(path) == SPEC


def test_the_published_schema_is_up_to_date() -> None:
    assert schema.PATH.read_text("utf-8") == schema.text(), "run python -m backproof.schema"
    assert schema.build()["$schema"].endswith("2020-12/schema")
    assert set(schema.build()["required"]) == {"input_shape", "layers", "loss", "optimizer"}


WEIGHTS: dict[str, Any] = {
    "a.weight": np.arange(6.0).reshape(2, 3).T,  # not contiguous
    "b": np.float64(np.pi),  # no axes
    "c": np.array([1e-45, -0.0, 3.4e38], dtype=np.float32),
    "d": np.zeros((0, 3)),
    "e": np.arange(3, dtype=">f8"),
}


@pytest.mark.parametrize("suffix", ["safetensors", "npz"])
def test_weights_survive_bit_for_bit(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"w.{suffix}"
    write_weights(WEIGHTS, path)
    found = read_weights(path)
    assert sorted(found) == sorted(WEIGHTS)
    for name, array in WEIGHTS.items():
        expected = np.asarray(array)
        assert found[name].shape == expected.shape
        assert found[name].dtype == expected.dtype.newbyteorder("=") or suffix == "npz"
        assert found[name].astype("<f8").tobytes() == expected.astype("<f8").tobytes()


def test_a_state_survives_bit_for_bit(tmp_path: Path) -> None:
    network = Network(NESTED)
    state = network.initial_state(np.float32)
    for step in range(2):
        x, y = NESTED.random_batch(5, seed=step)
        state = network.step(state, x.astype(np.float32), y.astype(np.float32)).state()
    state = State(state.parameters, state.slots, {"norm1.mean": np.ones(3, dtype=np.float32)}, state.step)
    write_state(state, tmp_path / "s.safetensors")
    found = read_state(tmp_path / "s.safetensors")
    assert (found.step, set(found.slots), set(found.buffers)) == (2, set(state.slots), set(state.buffers))
    for mine, other in [
        (state.parameters, found.parameters),
        (state.buffers, found.buffers),
        *((state.slots[slot], found.slots[slot]) for slot in state.slots),
    ]:
        assert set(mine) == set(other)
        assert all(mine[n].dtype == other[n].dtype and mine[n].tobytes() == other[n].tobytes() for n in mine)


def test_weights_are_no_state(tmp_path: Path) -> None:
    write_weights(WEIGHTS, tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match="expected metadata format"):
        read_state(tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match="safetensors"):
        read_state(tmp_path / "w.npz")


@pytest.mark.parametrize("suffix", ["safetensors", "npz"])
def test_corrupt_files_are_an_error_and_nothing_worse(tmp_path: Path, suffix: str) -> None:
    write_weights({"a": np.arange(40.0)}, tmp_path / f"good.{suffix}")
    good = (tmp_path / f"good.{suffix}").read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / f"bad.{suffix}"
    for length in range(0, len(good), 17):
        path.write_bytes(good[:length])
        with pytest.raises(WeightsError):
            read_weights(path)
    for _ in range(80):
        changed = bytearray(good)
        changed[rng.integers(len(good) if suffix == "npz" else 80)] = rng.integers(256)
        path.write_bytes(changed)
        with suppress(WeightsError):  # a changed number, or a changed name, cannot be seen here
            read_weights(path)


def test_an_array_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    for array in (np.array([object()]), np.array(["a"]), np.array([1j]), np.zeros(2, dtype=np.longdouble)):
        for suffix in ("npz", "safetensors"):
            with pytest.raises(WeightsError, match="a: cannot write dtype"):
                write_weights({"a": array}, tmp_path / f"w.{suffix}")
    with pytest.raises(WeightsError, match="ending in"):
        write_weights({}, tmp_path / "w.pt")
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.json"
    write_spec(SPEC, path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BadInput, match=r"net\.json: cannot be written: no space left"):
        write_spec(NESTED, path)
    assert read_spec(path) == SPEC
    assert [one.name for one in tmp_path.iterdir()] == ["net.json"]


def test_a_write_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_spec(SPEC, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert read_spec(tmp_path / "real.json") == SPEC


@pytest.mark.parametrize("suffix", ["safetensors", "npz"])
def test_data_survive_and_classes_stay_integers(tmp_path: Path, suffix: str) -> None:
    x, y = np.ones((3, 2)), np.array([0, 2, 1])
    write_data(x, y, tmp_path / f"d.{suffix}")
    found = read_data(tmp_path / f"d.{suffix}")
    np.testing.assert_array_equal(found[0], x, strict=True)
    np.testing.assert_array_equal(found[1], y, strict=True)


def test_data_in_json(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text('{"x": [[1, 2.5], [3, 4]], "y": [0, 1]}')
    x, y, _ = read_data(tmp_path / "d.json")
    assert x.dtype == np.float64
    assert y.dtype.kind == "i"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"x": [1]}', "y is missing"),
        ('{"x": [1], "y": [1], "z": 3}', "unknown key 'z'"),
        ('{"x": [1], "x": [2], "y": [1]}', "'x' appears twice"),
        ('{"x": [[1, 2], [3]], "y": [1]}', r"x\[1\]: expected shape \(2,\) as in x\[0\], found \(1,\)"),
        ('{"x": [[1, [2]]], "y": [1]}', r"x\[0, 1\]: expected shape"),
        ('{"x": [[1, "a"]], "y": [1]}', r'x\[0, 1\]: expected a number, found "a"'),
        ('{"x": [[1, null]], "y": [1]}', r"x\[0, 1\]: expected a number, found null"),
        ('{"x": [[1, true]], "y": [1]}', r"x\[0, 1\]: expected a number, found true"),
        ('{"x": [[1, NaN]], "y": [1]}', r"x\[0, 1\]: expected a finite number, found nan"),
        ('{"x": [1], "y": [1, -Infinity]}', r"y\[1\]: expected a finite number, found -inf"),
        ('{"x": [1], "y": [1e999]}', r"y\[0\]: expected a finite number"),
        ('{"x": [1], "y": [' + "9" * 30 + "]}", "y: expected numbers, found an integer beyond 64 bits"),
        ('{"x": ' + "[" * 100_000, "deep"),
        ('{"x": [1], ', "line 1, column 12"),
        ("3", "expected an object"),
        ("", "empty"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_bad_data_name_the_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(DataError, match=message):
        read_data(tmp_path / "d.json")


def test_a_zip_of_anything_is_no_npz(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(WeightsError, match=r"expected arrays only, found the file 'readme\.txt'"):
        read_weights(tmp_path / "w.npz")
    np.save(tmp_path / "one.npz.npy", np.ones(2))
    (tmp_path / "one.npz.npy").rename(tmp_path / "one.npz")
    with pytest.raises(WeightsError, match="single array"):
        read_weights(tmp_path / "one.npz")
