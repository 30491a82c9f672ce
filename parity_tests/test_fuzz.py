"""The fuzzer: the same cases whoever runs them, nothing lost when it is killed, findings as small as can be."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof.errors import BadInput
from backproof.files import read_data, read_spec
from backproof.fuzz import Campaign, random_case, run, shrink
from backproof.fuzz.case import VARIANTS
from backproof.fuzz.network import structure
from backproof.fuzz.pools import processes
from backproof.implementation import NumPy
from backproof.layers import LAYERS
from backproof.losses import LOSSES
from backproof.mistakes import CATALOGUE
from backproof.optimizers import OPTIMIZERS

CASES = 24
ALONE = ("numpy",)


def journal(folder: Path) -> list[dict[str, Any]]:
    """Return the cases of a journal, by number."""
    lines = (folder / "journal.jsonl").read_text("utf-8").splitlines()
    return sorted((json.loads(line) for line in lines[1:]), key=lambda outcome: int(outcome["number"]))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a campaign in one process finds that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    summary = Campaign(3, folder, ALONE).run(CASES)
    networks = -(-CASES // VARIANTS)
    assert (summary.cases, summary.resumed, len(summary.structures), summary.findings) == (CASES, 0, networks, [])
    return journal(folder)


def test_every_part_of_the_spec_is_drawn() -> None:
    specs = [structure(0, number) for number in range(1000)]
    drawn = {layer.kind for spec in specs for _, layer, _ in spec.walk}
    assert drawn == set(LAYERS)
    assert {spec.loss.kind for spec in specs} == set(LOSSES)
    assert {spec.optimizer.kind for spec in specs} == set(OPTIMIZERS)
    assert any(spec.shared for spec in specs)


def test_a_case_is_the_same_each_time_and_varies_only_weights_and_data_within_a_network() -> None:
    one, again, other = random_case(5, 11), random_case(5, 11), random_case(5, 12)
    assert one.spec == again.spec
    np.testing.assert_array_equal(one.data.x, again.data.x)
    assert one.spec.model_copy(update={"seed": 0}) == other.spec.model_copy(update={"seed": 0})
    assert one.spec.seed != other.spec.seed


def test_killed_it_goes_on_where_it_was(tmp_path: Path, undisturbed: list[dict[str, Any]]) -> None:
    command = [sys.executable, "-m", "backproof.cli", "fuzz", "--cases", str(CASES), "--seed", "3"]
    command += ["--out", str(tmp_path), "--implementations", "numpy"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "journal.jsonl").exists() or len(journal(tmp_path)) < 3:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = journal(tmp_path)
    assert len(before) < CASES
    with (tmp_path / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"number": 7, "struc')  # what a kill in the middle of a line leaves
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert f"{CASES} cases ({len(before)} of them before)" in done.stdout
    assert journal(tmp_path) == undisturbed


def test_two_processes_find_the_same(tmp_path: Path, undisturbed: list[dict[str, Any]]) -> None:
    from backproof.fuzz.pools import processes

    with processes(2) as (executor, workers):
        Campaign(3, tmp_path, ALONE).run(CASES, executor=executor, workers=workers)
    assert journal(tmp_path) == undisturbed


@pytest.fixture
def scheduler() -> Iterator[str]:
    """The address of a Dask cluster of two workers."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def test_a_dask_cluster_finds_the_same(tmp_path: Path, undisturbed: list[dict[str, Any]], scheduler: str) -> None:
    from backproof.fuzz.pools import cluster

    with cluster(scheduler) as (executor, workers):
        assert workers == 2
        Campaign(3, tmp_path, ALONE).run(CASES, executor=executor, workers=workers)
    assert journal(tmp_path) == undisturbed


class Fragile(Executor):
    """Runs everything here; whoever runs case 13 dies, and takes along who has case 0 and others to run."""

    def __init__(self) -> None:
        self.slow: list[Future[Any]] = []

    def submit(self, fn: Any, /, *unit: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        _, numbers, _ = unit
        if 0 in numbers and len(numbers) > 1:
            self.slow.append(future)
        elif 13 in numbers:
            for lost in (*self.slow, future):
                lost.set_exception(BrokenExecutor())
            self.slow.clear()
        else:
            future.set_result(fn(*unit))
        return future


def test_a_case_that_kills_its_process_is_a_finding_and_no_other_is_lost(
    tmp_path: Path, undisturbed: list[dict[str, Any]]
) -> None:
    summary = Campaign(3, tmp_path, ALONE).run(CASES, executor=Fragile(), workers=1)
    assert [(finding.number, finding.finding) for finding in summary.findings] == [(13, "the process died")]
    assert [one for one in journal(tmp_path) if one["number"] != 13] == [
        one for one in undisturbed if one["number"] != 13
    ]
    assert read_spec(tmp_path / "findings" / "case-000013.json") == random_case(3, 13).spec


def test_processes_are_replaced_when_one_dies() -> None:
    with processes(2) as (pool, _):
        assert pool is not None
        with pytest.raises(BrokenExecutor):
            pool.submit(os._exit, 1).result()
        assert pool.submit(abs, -1).result() == 1


def test_processes_end_with_the_one_that_began_them(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os, time\n"
        "from backproof.fuzz.pools import processes\n"
        "if __name__ == '__main__':\n"
        "    with processes(2) as (pool, _):\n"
        "        print(pool.submit(os.getpid).result(), flush=True)\n"
        "        pool.submit(time.sleep, 600).result()\n"
    )
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()
    process.kill()
    process.communicate(timeout=30)  # returns when the last that holds the other end of the pipe has ended


def test_the_journal_of_another_campaign_is_not_continued(tmp_path: Path) -> None:
    Campaign(3, tmp_path, ALONE).run(1)
    with pytest.raises(BadInput, match="expected the journal of"):
        Campaign(4, tmp_path, ALONE).run(1)
    (tmp_path / "journal.jsonl").write_text("no journal\n", encoding="utf-8")
    with pytest.raises(BadInput, match="expected the journal of a campaign"):
        Campaign(3, tmp_path, ALONE).run(1)


def test_a_disagreement_is_shrunk_to_the_layer_that_makes_it() -> None:
    mistake = next(one for one in CATALOGUE if one.name == "bias gradient missing")
    wrong = NumPy("wrong", lambda spec: mistake.make(spec, sites[0] if (sites := mistake.sites(spec)) else None))
    cases = (random_case(0, number) for number in range(0, 5000, VARIANTS))
    case = next(one for one in cases if len(one.spec.layers) > 3 and run(one, [wrong]).finding)
    smallest = shrink(case, lambda smaller: bool(run(smaller, [wrong]).finding))
    assert [layer.kind for layer in smallest.spec.layers] == ["dense"]
    assert smallest.spec.layers[0].units == 1  # type: ignore[attr-defined]
    assert smallest.spec.optimizer.kind == "sgd"
    assert smallest.steps == smallest.batch_size == 1


def test_a_finding_is_kept_as_files_that_check_reruns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from backproof.fuzz import case as cases

    monkeypatch.setattr(cases, "_finding", lambda report: "something" if report.steps > 0 else "")
    campaign = Campaign(3, tmp_path, ALONE)
    summary = campaign.run(2)
    assert [finding.number for finding in summary.findings] == [0, 1]
    kept = campaign.finding(0)
    spec, data = read_spec(kept), read_data(kept.with_suffix(".npz"))
    spec.check_batch(*data)
    assert (summary.findings[0].steps, summary.findings[0].batch_size) == (1, len(data.x))
