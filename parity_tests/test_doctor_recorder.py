"""What is recorded: which values, when, each content once, and how much of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof.doctor.watch.recorder import Limits
from watching import record, recorder_of, values


def test_an_update_is_seen_before_and_after(tmp_path: Path) -> None:
    recording = record("w = np.zeros(2)\nfor i in range(3):\n    w += 1.5\n    w = w * 2.0\n", tmp_path)
    seen = [
        (recording.sites[e.site].kind, recording.contents[e.content].tolist())
        for e in recording.events()
        if recording.sites[e.site].text == "w" and recording.sites[e.site].line == 3
    ]
    assert seen[:4] == [("Name", [0, 0]), ("store", [1.5, 1.5]), ("Name", [3, 3]), ("store", [4.5, 4.5])]


def test_entries_are_seen_before_and_after(tmp_path: Path) -> None:
    source = """
        p = {'W1': np.zeros(2)}
        for l in range(1, 2):
            p['W' + str(l)] -= 0.5
        d = np.zeros((2, 2)); d[np.arange(2), [1, 0]] -= 1.0
    """
    recording = record(source, tmp_path)
    assert [value.tolist() for value in values(recording, "p['W' + str(l)]")] == [[0, 0], [-0.5, -0.5]]
    assert [value.tolist() for value in values(recording, "d")] == [[[0, 0], [0, 0]]] * 2 + [[[0, -1], [-1, 0]]]


def test_a_long_list_is_recorded_once_each_time_it_is_gone_through(tmp_path: Path) -> None:
    source = """
        w = [[0.0] * 20 for j in range(15)]
        for step in range(3):
            total = sum(w[j][i] for j in range(15) for i in range(20))
            rows = [sum(w[j]) for j in range(15)]
            for j in range(15):
                for i in range(20):
                    w[j][i] += 1.0
    """
    recording = record(source, tmp_path)
    assert [value.mean() for value in values(recording, "w", 4)] == [0, 1, 2]
    assert [value.mean() for value in values(recording, "w", 5)] == [0, 1, 2]
    assert [value.mean() for value in values(recording, "w", 8)] == [1 / 300, 1, 2, 3]
    assert len(values(recording, "w[j][i]", 4)) == 900


def test_each_content_is_kept_once(tmp_path: Path) -> None:
    recording = record(
        """
        a = np.arange(6.0).reshape(2, 3); b = a.copy(); c = a.T; d = c.T; e = [[0.0, 1.0, 2.0], [3, 4, 5]]
        f = np.array([1, 2], np.int32); g = [1, 2]
        big = np.ones((300, 400)); other = np.asfortranarray(big); other; h = big.astype(np.float32)
        """,
        tmp_path,
    )
    assert len({id(values(recording, name)[0]) for name in "abde"}) == 1
    assert len({id(values(recording, name)[0]) for name in "fg"}) == 1
    assert len({id(value) for value in values(recording, "big") + values(recording, "other")}) == 1
    assert values(recording, "h")[0].dtype == np.float32
    shapes = [content.shape for content in recording.contents]
    assert [shapes.count(shape) for shape in [(2, 3), (3, 2), (300, 400)]] == [1, 1, 2]


def test_a_change_in_place_is_a_new_content(tmp_path: Path) -> None:
    recording = record("w = np.zeros((2, 2))\nv = w\nfor i in range(3):\n    v[0, 1] = i + 1.0\n    w\n", tmp_path)
    assert [value[0, 1] for value in values(recording, "w", 5)] == [1, 2, 3]
    assert values(recording, "v[0, 1]") == [1, 2, 3]
    assert [value[0, 1] for value in values(recording, "v", 4)] == [1, 2, 3]
    huge = record("w = np.zeros((2100, 2100))\nw\nw += 1.0\nw\n", tmp_path)
    assert [value.mean() for value in values(huge, "w")] == [0, 0, 0, 1, 1]


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[[1, 2], [3, 4]]", np.array([[1, 2], [3, 4]])),
        ("((1.0, 2), [3, np.float32(4)])", np.array([[1.0, 2], [3, 4]])),
        ("[[[1.5]], [[2.5]]]", np.array([[[1.5]], [[2.5]]])),
        ("np.array(2.5)", 2.5),
        ("np.float32(0.5)", 0.5),
        ("np.int8(-128)", -128),
        ("7", None),
        ("3 + 4", 7),
        ("np.ones(3) > 0", np.ones(3, bool)),
        ("np.matrix('1 2')", np.array([[1, 2]])),
        ("np.ones(2, np.float16)", np.ones(2, np.float16)),
        ("np.ones(2, np.longdouble)", np.ones(2)),
        ("np.ones(2, '>f8')", np.ones(2)),
        ("np.array([1, 2], np.uint8)", np.array([1, 2])),
        ("[True, False]", np.array([True, False])),
        ("not 3", None),
        ("[[1, 2], [3]]", None),
        ("[1, 'a']", None),
        ("[1, [2]]", None),
        ("[[[[1]]]]", None),
        ("['a'] * 10", None),
        ("[]", None),
        ("[[], []]", None),
        ("np.zeros((0, 3))", None),
        ("np.ones((1,) * 5)", None),
        ("np.array(['a'])", None),
        ("np.array([1, None])", None),
        ("np.ones(2) * 1j", None),
        ("[10**30, 1]", None),
        ("10 ** 400", None),
        ("(np.ones(2), np.ones(2))", None),
        ("{'a': 1}", None),
    ],
)  # fmt: skip
def test_what_counts_as_data(expression: str, expected: Any, tmp_path: Path) -> None:
    recording = record(f"value = {expression}", tmp_path)
    found = values(recording, "value")
    if expression == "7":
        assert found == [7]
    elif expected is None:
        assert found == []
    else:
        np.testing.assert_array_equal(found[0], expected)
        assert np.asarray(found[0]).dtype == np.asarray(expected, dtype=None if np.ndim(expected) else float).dtype


def test_limits_hold(tmp_path: Path) -> None:
    loop = "for i in range(1000):\n    a = np.full(100, i * 1.0)\n    b = i * 0.5\n"
    few = record(loop, tmp_path, Limits(scalars=70, arrays=30))
    assert len(values(few, "a")) == 30
    assert len(values(few, "b")) == 70
    small = record(loop, tmp_path, Limits(site_bytes=4_000))
    assert len(values(small, "np.full(100, i * 1.0)")) == 5
    recorder, run = recorder_of(loop, Limits(events=500, young=20, calm=0))
    run()
    assert recorder.tend()
    recorder, run = recorder_of(loop, Limits(content_bytes=8_000, calm=0))
    run()
    assert recorder.tend()
    assert len(recorder.contents) == 10


def test_of_huge_arrays_those_stay_that_are_seen_in_every_step(tmp_path: Path) -> None:
    source = """
        raw = np.zeros((2200, 2000))
        x = raw + 1.0
        for i in range(3):
            z = x * (i + 2.0)
            x.T
        v = np.ones(2)
    """
    recording = record(source, tmp_path, Limits(huge_bytes=72_000_000))
    assert values(recording, "raw") == []
    assert [len(values(recording, text)) for text in ("raw + 1.0", "x", "x.T")] == [1, 7, 0]
    assert [value.mean() for value in values(recording, "z")] == [3.0]
    assert values(recording, "v")[0].tolist() == [1, 1]


def test_enough_is_when_every_update_was_seen_often() -> None:
    source = "w, b, n = np.zeros(2), 0.0, 0\nfor i in range({}):\n    w = w + 1.0\n    n = n + 1\n"
    source += "    if i < {}:\n        b += 0.5\n"
    for steps, rare, calm, patience, enough in [
        (60, 60, 0, 9, True),
        (59, 59, 0, 9, False),
        (60, 60, 9, 9, False),
        (60, 9, 0, 9, False),
        (60, 9, 0, 0, True),
    ]:
        recorder, run = recorder_of(source.format(steps, rare), Limits(calm=calm, patience=patience))
        run()
        assert recorder.tend() is enough, (steps, rare, calm, patience)
