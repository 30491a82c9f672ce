"""A script watched in a process of its own: however it behaves, it ends in time and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof.doctor.watch import Watched, runner, watch
from backproof.doctor.watch.recorder import Limits
from backproof.errors import BadInput
from watching import values


def script(tmp_path: Path, source: str) -> Path:
    path = tmp_path / "net.py"
    path.write_text(textwrap.dedent(source))
    return path


def watched(tmp_path: Path, source: str, **settings: Any) -> Watched:
    found = watch(script(tmp_path, source), **settings)
    assert [line for line in processes() if str(tmp_path) in line] == []
    return found


def processes() -> list[str]:
    shown = subprocess.run(["ps", "-ww", "-eo", "pid,stat,args"], capture_output=True, text=True, check=True)
    return shown.stdout.splitlines()


def test_a_script_runs_as_python_runs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "layers.py").write_text("import numpy as np\ndef act(z):\n    return np.tanh(z) * 1.5\n")
    (tmp_path / "json.py").write_text("mine = True\n")
    source = """
        import atexit, os, pickle, sys, json, numpy as np
        from lib.layers import act
        class Net: pass
        a = act(np.ones(3))
        print(__name__, __file__, sys.argv, sys.path[0], os.getcwd(), json.mine, __spec__, sorted(vars()))
        print(type(pickle.loads(pickle.dumps(Net()))) is Net, sys.modules['__main__'].a is a)
        atexit.register(lambda: print('the end'))
    """
    found = watched(tmp_path, source, arguments=("--rate", "0.1"))
    alone = subprocess.run(
        [sys.executable, str(tmp_path / "net.py"), "--rate", "0.1"], capture_output=True, text=True, check=True
    )
    assert (found.ended, found.exit_code, found.error, found.notes) == ("finished", 0, "", ())
    assert found.output_head.replace("'__loader__', ", "") == alone.stdout.replace("'__loader__', ", "")
    recording = found.recording
    assert {site.file for site in recording.sites} == {"net.py", "lib/layers.py", "json.py"}
    np.testing.assert_array_equal(values(recording, "np.tanh(z) * 1.5")[0], np.tanh(np.ones(3)) * 1.5)


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("w = [1.0]\n")
    watched(tmp_path, "import layers\nlayers.w[0] += 1.0")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["layers.py", "net.py"]


STUBBORN = """
    import time, numpy as np
    w = np.zeros(2)
    while True:
        try:
            w += 1.0
            time.sleep({})
        except BaseException:
            pass
        finally:
            continue
"""


@pytest.mark.parametrize(("pause", "ended"), [(0.001, "stopped: enough seen"), (100.0, "stopped: time limit")])
def test_a_script_that_never_ends_is_stopped(pause: float, ended: str, tmp_path: Path) -> None:
    start = time.monotonic()
    found = watched(tmp_path, STUBBORN.format(pause), time_limit=2.0, limits=Limits(calm=0.2))
    assert (found.ended, found.exit_code) == (ended, None)
    assert values(found.recording, "w")[0].tolist() == [0, 0]
    assert time.monotonic() - start < 10


def test_a_script_that_never_lets_go_of_python_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "GRACE", 1.5)
    source = "import time, numpy as np\nw = np.ones(2)\nw = w * 2.0\ntime.sleep(1.5)\nsum(range(10**12))"
    found = watched(tmp_path, source, time_limit=2.0)
    assert found.ended == "stopped: time limit"
    assert "did not let go" in found.notes[0]
    assert len(values(found.recording, "w * 2.0")) == 1


def test_what_is_printed_is_kept_within_limits(tmp_path: Path) -> None:
    found = watched(
        tmp_path, "import sys\nprint('first')\nfor i in range(10**5): print(i, 'x' * 60)\nsys.stderr.write('last')"
    )
    assert found.ended == "finished"
    assert found.output_head.startswith("first\n0 xxx")
    assert found.output_tail.endswith("last") or "99999" in found.output_tail
    assert len(found.output_head) == len(found.output_tail) == 1 << 14


SLEEP = "import time; time.sleep(60)"

ENDINGS: dict[str, tuple[str, str, int | None, str]] = {
    "x = 1 / 0": ("raised", "ZeroDivisionError: division by zero", 1, ""),
    "n = int(input('units? '))": ("raised", "EOFError: EOF when reading a line", 1, "asks for input"),
    "import sys\ntry:\n    sys.exit('done')\nexcept Exception:\n    pass": ("exited", "done", 1, ""),
    "quit()": ("exited", "", 0, ""),
    "import os\nos._exit(3)": ("exited", "", 3, ""),
    "import os\nos.kill(os.getpid(), 9)": ("died", "", -9, "SIGKILL"),
    "import threading\nthreading.Thread(target=lambda: 1 / 0).start()": ("finished", "", 0, "ZeroDivisionError"),
    "import os\nif os.fork() == 0:\n    w = w * 3\n    os._exit(0)": ("finished", "", 0, "not watched"),
    "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', SLEEP, __file__])": ("finished", "", 0, ""),
    "import os\nos.chdir('/')": ("finished", "", 0, ""),
    "": ("finished", "", 0, ""),
}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_however_a_script_ends(ending: str, tmp_path: Path) -> None:
    ended, error, code, note = ENDINGS[ending]
    found = watched(tmp_path, f"SLEEP = {SLEEP!r}\nimport numpy as np\nw = np.ones(2)\nw = w * 2.0\n{ending}")
    assert (found.ended, found.exit_code) == (ended, code), found
    assert found.error.strip().endswith(error)
    assert note in "".join(found.notes)
    assert "backproof" not in found.error
    assert ended == "died" or len(values(found.recording, "w * 2.0")) == 1
    assert values(found.recording, "w * 3") == []


def test_answers_are_its_standard_input(tmp_path: Path) -> None:
    found = watched(tmp_path, "n = int(input())\nprint(n + 1, input())", answers="4\nyes\n")
    assert (found.ended, found.output_head) == ("finished", "5 yes\n")


def test_a_thread_is_watched(tmp_path: Path) -> None:
    source = """
        import threading, numpy as np
        def train(k):
            w = np.zeros(2)
            for _ in range(50): w = w + k
        for k in range(4): threading.Thread(target=train, args=(float(k),)).start()
    """
    found = watched(tmp_path, source)
    assert len(values(found.recording, "w + k")) == 200
    assert {tuple(value) for value in values(found.recording, "w", 5)} >= {(50.0 * k, 50.0 * k) for k in range(4)}


def test_no_window_opens(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    source = """
        import matplotlib
        matplotlib.use('TkAgg')
        import matplotlib.pyplot as plt
        plt.plot([1, 2]); plt.show(); plt.pause(100)
        w = 2.5
    """
    assert watched(tmp_path, source).ended == "finished"


def test_files_beside_the_script_are_found(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("1,2\n3,4\n")
    found = watched(tmp_path, "import numpy as np\nx = np.loadtxt('points.csv', delimiter=',')\n")
    assert found.ended == "finished"
    assert "points.csv lies beside the script" in found.notes[-1]
    assert watch(tmp_path / "net.py", folder=Path.cwd()).ended == "raised"


NOT_SCRIPTS: dict[str, tuple[bytes | None, str]] = {
    "missing.py": (None, "no such file"),
    "empty.py": (b"", "empty"),
    "blank.py": (b" \n\n", "blanks"),
    "broken.py": (b"x = 1\nprint 'x'\n", "in line 2"),
    "latin.py": (b"x = '\xe9'\n", "utf-8"),
    "zero.py": (b"x = 1\0\n", "null bytes"),
    "return.py": (b"return 1\n", "'return' outside function"),
    "book.ipynb": (b'{"cells": [], "nbformat": 4}', "notebook"),
    "book.py": (b'{"cells": [], "nbformat": 4}', "notebook"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_SCRIPTS)
def test_what_is_no_script_is_refused(name: str, tmp_path: Path) -> None:
    content, said = NOT_SCRIPTS[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=said):
        watch(tmp_path / name)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="directory"):
        watch(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_survives_whoever_started_it(number: signal.Signals, tmp_path: Path) -> None:
    start = f"subprocess.Popen([sys.executable, '-c', {SLEEP!r}, __file__])"
    path = script(tmp_path, f"import subprocess, sys, time\n{start}\ntime.sleep(60)")
    program = "import sys, pathlib; from backproof.doctor.watch import watch; watch(pathlib.Path(sys.argv[1]))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], env=environment, stderr=subprocess.DEVNULL
    )
    with parent:
        assert until(lambda: any(SLEEP in line and str(tmp_path) in line for line in processes()))
        parent.send_signal(number)
    assert until(lambda: not [line for line in processes() if str(tmp_path) in line])


def until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60  # machines can be busy
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_script_finds_nothing_imported(tmp_path: Path) -> None:
    source = """
        import sys
        print([name for name in ('torch', 'jax', 'keras', 'backproof', 'backproof.doctor') if name in sys.modules])
        sys.path.insert(0, {!r})
        import backproof.doctor.recording
        print(backproof.ModelSpec.__name__, backproof.doctor.recording.Site.__name__)
    """
    found = watched(tmp_path, source.format(str(Path(runner.__file__).parents[3])))
    assert found.output_head == "[]\nModelSpec Site\n"
