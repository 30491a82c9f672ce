"""The example scripts: each framework's five run in one process of their own, and every published figure is held.

The scripts set precision and default types for the whole process, so they never run inside pytest.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from published import PUBLISHED, Figure, beyond, figure_id

Values = dict[str, NDArray[np.float64]]

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLDERS = ["all_ones", "two_layers_no_bias", "saturated_unit", "rows_or_columns", "index_by_index"]
NEEDS = {
    "numpy": ["sklearn"],
    "torch": ["sklearn", "torch"],
    "jax": ["sklearn", "jax", "optax"],
    "tensorflow": ["sklearn", "tensorflow", "keras"],
}
FRAMEWORKS = [framework for framework in NEEDS if framework != "numpy"]

# The main block is run apart, with the figures already calculated, so that nothing is calculated twice.
DRIVER = """
import ast, contextlib, io, sys
from pathlib import Path
import numpy as np

examples, framework, out, *folders = sys.argv[1:]
arrays = {}
for folder in folders:
    path = Path(examples, folder, f"in_{framework}.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    main = ast.Module([tree.body.pop()], [])
    scope = {"__name__": "__main__", "__file__": str(path)}
    exec(compile(tree, str(path), "exec"), scope)
    printed = io.StringIO()
    for name in ["figures", "claims"]:
        if name in scope:
            values = scope[name]()
            scope[name] = lambda values=values: values
            arrays |= {f"{folder}|{name}|{key}": value for key, value in values.items()}
    with contextlib.redirect_stdout(printed):
        exec(compile(main, str(path), "exec"), scope)
    arrays[f"{folder}|printed|"] = np.array(printed.getvalue())
np.savez(out, **arrays)
"""

# Values that are nothing but rounding: no two scripts share them, and all must be as small as rounding.
ROUNDING = {
    ("all_ones", "spread of the equal units"),
    ("two_layers_no_bias", "difference of the two trainings"),
    ("rows_or_columns", "difference of rows and columns, first gradient"),
    ("rows_or_columns", "difference of rows and columns, 30 epochs"),
    ("index_by_index", "difference of g and the mean of g_i"),
    ("index_by_index", "sum at rate / T against mean: sgd"),
    ("index_by_index", "sum at the same rate against mean: clip"),
    ("index_by_index", "sum at the same rate against mean: adam"),
}

# In these autograd returns exactly 0, where sigma(z) sigma(-z) is 1.9287498e-22.
SATURATED = {"sigma'(z)": 1.9287498e-22, "dC/dw": 2.41e-20}

# How far correct scripts may differ, relative to the largest entry. Rounding, unless there is a reason.
RELATIVE = {
    # At rate 3 network 1 sits at its bound 2 / lambda_max, where rounding grows before it is damped.
    ("all_ones", "outputs, rate 3, 1000 iterations"): 1e-8,
    ("index_by_index", "network 1, rate 3, 1000 iterations: C"): 1e-8,
    ("index_by_index", "network 1, rate 3: 2 / lambda_max after 5000 iterations"): 1e-3,
    # NumPy takes the Hessian by central differences.
    **{
        ("index_by_index", f"{name}, {sizes}"): 1e-9
        for name in ["2 / lambda_max", "rate of divergence"]
        for sizes in ["2-3-3-2", "3-4-1"]
    },
}


class Run:
    """The five scripts of one framework in a process of their own, read when first asked for."""

    def __init__(self, framework: str, out: Path) -> None:
        # One thread and no GPU: figures are compared to the last bits.
        environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",
            "JAX_PLATFORMS": "cpu",
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
        self.out = out / f"{framework}.npz"
        self.process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(EXAMPLES), framework, str(self.out), *FOLDERS],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.arrays: dict[str, NDArray[Any]] = {}

    def read(self, folder: str, part: str) -> dict[str, NDArray[Any]]:
        """What `part` of the folder's script returned: figures, claims, or the printed text under an empty key."""
        if not self.arrays:
            _, stderr = self.process.communicate(timeout=300)
            assert self.process.returncode == 0, stderr[-4000:]
            with np.load(self.out, allow_pickle=False) as archive:
                self.arrays = dict(archive)
        start = f"{folder}|{part}|"
        return {key.removeprefix(start): value for key, value in self.arrays.items() if key.startswith(start)}


def missing(framework: str) -> list[str]:
    return [module for module in NEEDS[framework] if importlib.util.find_spec(module) is None]


@pytest.fixture(scope="module")
def run_of(tmp_path_factory: pytest.TempPathFactory, chosen: list[str]) -> Iterator[Callable[[str], Run]]:
    """All chosen frameworks start at once; a missing one skips its tests, and fails them under CI."""
    out = tmp_path_factory.mktemp("examples")
    runs = {framework: Run(framework, out) for framework in chosen if not missing(framework)}

    def of(framework: str) -> Run:
        if framework not in chosen:
            pytest.skip(f"{framework} is not compared in this run")
        if framework not in runs:
            message = f"not installed: {', '.join(missing(framework))}"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
        return runs[framework]

    yield of
    for run in runs.values():
        if run.process.poll() is None:
            run.process.kill()
        run.process.communicate()


CASES = [(figure, framework) for figure in PUBLISHED for framework in (["numpy"] if figure.claim else NEEDS)]


@pytest.mark.parametrize(
    ("figure", "framework"), CASES, ids=lambda case: case if isinstance(case, str) else figure_id(case)
)
def test_published_figures(figure: Figure, framework: str, run_of: Callable[[str], Run]) -> None:
    values = run_of(framework).read(figure.folder, "claims" if figure.claim else "figures")
    distance, within = beyond(figure, values[figure.key])
    if figure.misses is None:
        assert within, f"{figure.key}: {values[figure.key]} is {distance:.1e} from the printed {figure.printed}"
    else:
        assert not within, f"{figure.key} does not miss {figure.printed} any more"
        assert float(f"{distance:.1e}") == float(figure.misses)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_scripts_of_a_folder_agree(folder: str, framework: str, run_of: Callable[[str], Run]) -> None:
    ours, theirs = (run_of(name).read(folder, "figures") for name in ("numpy", framework))
    assert list(ours) == list(theirs)
    for key, expected in ours.items():
        actual = theirs[key]
        assert actual.dtype == expected.dtype == np.float64, key
        assert actual.shape == expected.shape, key
        if (folder, key) in ROUNDING:
            assert max(expected, actual) < 1e-12, key
        elif folder == "saturated_unit" and key in SATURATED:
            assert actual == 0, key
            assert expected == pytest.approx(SATURATED[key], rel=1e-3), key
        else:
            bound = RELATIVE.get((folder, key), 1e-12) * np.abs(expected).max()
            assert np.abs(actual - expected).max() <= bound, key


@pytest.mark.parametrize("framework", NEEDS)
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_scripts_print_every_figure(folder: str, framework: str, run_of: Callable[[str], Run]) -> None:
    text = str(run_of(framework).read(folder, "printed")[""])
    for part in ["figures", "claims"]:
        for key in run_of(framework).read(folder, part):
            assert f"{key}\n" in text


@pytest.mark.parametrize("framework", NEEDS)
def test_averaging_only_rescales_plain_descent(framework: str, run_of: Callable[[str], Run]) -> None:
    values = run_of(framework).read("index_by_index", "figures")
    assert values["sum at rate / T against mean: sgd"] < 1e-12
    for kind in ["decay", "clip", "adam"]:
        assert values[f"sum at rate / T against mean: {kind}"] > 0.1


@pytest.mark.parametrize("framework", NEEDS)
def test_adding_the_gradient_climbs(framework: str, run_of: Callable[[str], Run]) -> None:
    values = run_of(framework).read("saturated_unit", "figures")
    assert values["cost, 100 steps subtracting"] < values["cost before"] < values["cost, 100 steps adding"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_scripts_run_alone(folder: str) -> None:
    """Side by side: the same five sections in all four, and nothing imported from this project."""
    for framework in NEEDS:
        text = (EXAMPLES / folder / f"in_{framework}.py").read_text(encoding="utf-8")
        sections = [
            line.strip()
            for line in text.splitlines()
            if line.strip().startswith("# ") and line.strip()[2:3].isdigit()
        ]
        assert [section[:4] for section in sections] == ["# 1.", "# 2.", "# 3.", "# 4.", "# 5."]
        assert "backproof" not in text
