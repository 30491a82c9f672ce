"""`backproof fuzz`: the command line of a campaign."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from backproof import implementation
from backproof.errors import BadInput, MissingFramework
from backproof.fuzz.campaign import Campaign, Summary
from backproof.fuzz.pools import cluster, processes
from backproof.report.console import hushed, progress

CASES = 100


def fuzz(
    cases: Annotated[
        int | None, typer.Option(min=1, help=f"How many cases; {CASES} if neither this nor --seconds is given.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Begin no further case after so long.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Which cases: each seed has its own.")] = 0,
    out: Annotated[
        Path, typer.Option(help="Folder of the journal and the findings; a campaign found there is continued.")
    ] = Path("fuzz"),
    jobs: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = 1,
    dask: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler: its workers run the cases.", show_default=False),
    ] = None,
    implementations: Annotated[
        str | None, typer.Option(help="Names, separated by commas; all that are installed if absent.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Check random networks until one disagrees, and shrink it to the smallest that still does.

    Layers, losses, optimizers and all their conventions are drawn from the spec's own declarations, with random
    weights and data; every case is checked as `backproof check` does it, in float64 and float32. A finding is
    written as a spec with its data, to be run again with `backproof check`.

    Every case is journalled when it is done: killed and started again, a campaign goes on where it was. The cases
    of a seed are the same on any machine, in any number of processes.

    Exit status: **0** no finding, **1** findings, **2** bad input.

    Examples:
    - `backproof fuzz --cases 1000 --jobs 4` runs a thousand cases in four processes.

    - `backproof fuzz --seconds 3600 --dask tcp://scheduler:8786 --out nightly` runs an hour on a cluster.
    """
    if cases is None and seconds is None:
        cases = CASES
    if dask is not None and jobs > 1:
        raise BadInput("--jobs: expected no number of processes beside --dask, whose cluster has its own")
    campaign = Campaign(seed, out, _taking_part(implementations))
    with (
        cluster(dask) if dask is not None else processes(jobs) as (executor, workers),
        progress(quiet) as say,
        hushed(),
    ):
        summary = campaign.run(cases, seconds, executor, workers, lambda so_far: say(_brief(so_far)))
    for line in _told(campaign, summary):
        typer.echo(line)
    return 1 if summary.findings else 0


def _taking_part(names: str | None) -> tuple[str, ...]:
    """Return the names of the implementations, of those that are installed."""
    if names is not None:
        return tuple(name.strip() for name in names.split(","))
    found = []
    for name in implementation.names():
        try:
            with hushed():
                implementation.load(name)
        except MissingFramework:
            continue
        found.append(name)
    return tuple(found)


def _brief(summary: Summary) -> str:
    return f"{summary.cases} cases, {summary.per_minute:.0f} per minute, {len(summary.findings)} findings"


def _told(campaign: Campaign, summary: Summary) -> Iterator[str]:
    """Yield the report, line by line."""
    before = f" ({summary.resumed} of them before)" if summary.resumed else ""
    yield (
        f"{summary.cases} cases{before} of {len(summary.structures)} networks in "
        f"{', '.join(campaign.implementations)}; {summary.per_minute:.0f} cases per minute"
    )
    for dtype, judged in summary.judged.items():
        untold = summary.untold[dtype]
        share = 100 * untold / max(judged + untold, 1)
        yield (
            f"{dtype}: {judged:,} tensors agree, largest error {summary.worst[dtype]:.2f} noise floors; "
            f"cannot tell {untold:,} ({share:.1f} %)"
        )
    yield f"{len(summary.findings)} findings" if summary.findings else "no finding"
    seen = set()
    for finding in summary.findings:
        if finding.structure in seen:
            continue
        seen.add(finding.structure)
        yield f"case {finding.number}: {finding.finding}"
        if (path := campaign.finding(finding.number)).exists():
            data, size = path.with_suffix(".npz"), finding.batch_size
            yield f"  backproof check {path} --data {data} --steps {finding.steps} --batch-size {size}"
