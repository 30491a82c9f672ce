"""The bugs of the frameworks that are gone round here: each still lives in what is installed."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from conftest import load
from test_examples import EXAMPLES

FOLDER = EXAMPLES / "framework_bugs"
SCRIPTS = sorted(FOLDER.glob("*.py"))
CRASH = "a crash"

# What a script ends in is printed after it; if nothing is, it has taken the process with it.
DRIVER = """
import pathlib, runpy, sys, traceback
for script in sys.argv[1:]:
    ending = "nothing"
    try:
        runpy.run_path(script)
    except Exception as error:
        traceback.print_exc()
        ending = type(error).__name__
    print(f"\\n{pathlib.Path(script).stem} ended in {ending}", flush=True)
"""


def _story(script: Path) -> str:
    story = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))
    assert story
    return story


def _framework(script: Path) -> str:
    return script.name.partition("_")[0]


def _endings(script: Path) -> list[str]:
    """Return what the script may end in: exceptions, or a crash."""
    found = re.search(r"^Fails with (.+)\.$", _story(script), re.MULTILINE)
    assert found
    return found[1].split(" or ")


@cache
def _run(scripts: tuple[Path, ...]) -> subprocess.CompletedProcess[str]:
    """Run scripts one after the other in one process: an import of TensorFlow takes longer than all of them."""
    environment = {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
        "KERAS_BACKEND": "tensorflow",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(
        [sys.executable, "-c", DRIVER, *map(str, scripts)],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def _has_avx512() -> bool:
    found = np.show_config(mode="dicts")["SIMD Extensions"]
    return any(name == "X86_V4" or name.startswith("AVX512") for name in [*found["baseline"], *found["found"]])


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_bug_is_still_there(script: Path, chosen: list[str]) -> None:
    framework, story = _framework(script), " ".join(_story(script).split())
    if framework not in chosen:
        pytest.skip(f"{framework} is not among the implementations chosen")
    versions = load(framework).versions()
    for package, seen in re.findall(rf"\b({'|'.join(versions)}) (\d+\.\d+\.\d+)", story):
        if _numbers(versions[package]) < _numbers(seen):
            pytest.skip(f"{package} {versions[package]} is older than {seen}, which it was seen in")
    if "only on a CPU with AVX-512" in story and not _has_avx512():
        pytest.skip("this CPU has no AVX-512")
    others = [other for other in SCRIPTS if _framework(other) == framework and CRASH not in _endings(other)]
    done = _run((script,) if CRASH in _endings(script) else tuple(others))
    found = re.search(rf"^{script.stem} ended in (\w+)$", done.stdout, re.MULTILINE)
    ending = found[1] if found else CRASH
    assert ending != "nothing", "fixed in the installed release: what goes round it can go"
    assert ending in _endings(script), f"{done.stdout}\n{done.stderr}"


def test_readme_lists_every_script() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\((\w+\.py)\) \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(rows) == [(script.stem, script.name) for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script_says_where_it_was_seen_and_is_gone_round(script: Path) -> None:
    story = _story(script)
    place = re.search(r"^Gone round in ([\w/.]+\.py)\b", story, re.MULTILINE)
    assert place
    assert (EXAMPLES.parent / place[1]).exists()
    assert place[1].removeprefix("adapters/backproof_adapters/") in (FOLDER / "README.md").read_text("utf-8")
    assert re.search(r"^Seen in \w+ \d+\.\d+\.\d+", story, re.MULTILINE)
