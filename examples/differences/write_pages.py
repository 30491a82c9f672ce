"""Measure every difference, and write a page for each into `pages/` and an index into `README.md`.

python examples/differences/write_pages.py
"""

import ast
import inspect
import math
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from differences import Difference, Measured, families

FOLDER = Path(__file__).parent

INTRODUCTION = """# Differences between the frameworks

What a naive port between PyTorch, JAX, Keras and NumPy does not carry over, and the mapping that restores
agreement. Every row is a page with the function that measures it. `parity_tests/test_differences.py` measures it
again with the versions installed, and says which difference is gone, new or changed. Numbers are the largest
difference relative to the largest entry, over the output and every gradient (`in_torch`, `in_jax`, `in_keras`
return both), in float64 unless the page says otherwise. `rounding` is at most 1e-12; a row without numbers is a
behaviour.

```
python examples/differences/write_pages.py
```

measures all and writes these pages.
"""


def source(difference: Difference) -> str:
    """Return the code of the function that measures, without decorator and docstring."""
    lines = inspect.getsource(difference.measure).splitlines()
    function = ast.parse("\n".join(lines)).body[0]
    assert isinstance(function, ast.FunctionDef)
    docstring, first, *_ = function.body
    kept = lines[function.lineno - 1 : docstring.lineno - 1] + lines[first.lineno - 1 :]
    return "```python\n" + "\n".join(kept) + "\n```"


def page(difference: Difference, measured: Measured) -> str:
    """Return a difference as a page: what happens, how far off it is, why, and what mends it."""
    return f"""# {difference.title}

{difference.story}

{_table(difference, measured)}

Measured with {difference.versions()}.

**Cause.** {difference.cause}

**Mapping.** {difference.mapping}

{source(difference)}

From [{difference.module}.py](../{difference.module}.py).
"""


def _table(difference: Difference, measured: Measured) -> str:
    if difference.facts:
        head = ["| who | what |", "| --- | --- |"]
        rows = [f"| {who} | {fact} |" for who, fact in measured.items()]
    else:
        head = [f"| relative to {difference.reference} | as copied | with the mapping |", "| --- " * 3 + "|"]
        rows = [f"| {who} | {naive:.2g} | {mapped:.2g} |" for who, (naive, mapped) in measured.items()]
    return "\n".join([*head, *rows])


def index(found: dict[ModuleType, list[Difference]]) -> str:
    """Return the table of contents, a section for each family."""
    sections = [INTRODUCTION]
    for module, differences in found.items():
        rows = [
            f"| [{it.title}](pages/{it.slug}.md) | {_worst(it, it.naive)} | {_worst(it, it.left)} |"
            for it in differences
        ]
        heading = (module.__doc__ or module.__name__).splitlines()[0].rstrip(".")
        head = [f"## {heading}", "", "| difference | as copied | with the mapping |", "| --- " * 3 + "|"]
        sections.append("\n".join([*head, *rows, ""]))
    return "\n".join(sections)


def _worst(difference: Difference, recorded: Mapping[str, float]) -> str:
    if difference.facts:
        return ""
    worst = max(recorded.values(), key=lambda value: value if math.isfinite(value) else math.inf, default=0.0)
    return f"{worst:.2g}" if not worst <= difference.rounding else "rounding"


def write(path: Path, text: str) -> None:
    """Write a file under a temporary name and move it into place."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def main() -> None:
    """Measure all, write all, remove the pages that nothing stands behind, and print what has changed."""
    found = families()
    folder = FOLDER / "pages"
    folder.mkdir(exist_ok=True)
    pages = {}
    for difference in [it for differences in found.values() for it in differences]:
        measured = difference.measure()
        for text in difference.complaints(measured):
            print(text)
        pages[folder / f"{difference.slug}.md"] = page(difference, measured)
    for path, text in pages.items():
        write(path, text)
    for stale in set(folder.glob("*.md")) - set(pages):
        stale.unlink()
    write(FOLDER / "README.md", index(found))


if __name__ == "__main__":
    main()
