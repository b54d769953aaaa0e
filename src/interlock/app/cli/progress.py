"""Progress of syncs on stderr: bars in a terminal, a line for each client that ends elsewhere."""

from collections.abc import Iterator, Sequence

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from interlock.app.cli.paper import aside, plural
from interlock.app.cli.syncing import Job, Outcome, jobs_of, sync_side_by_side
from interlock.app.house import House
from interlock.domains.firm.models import Business


def sync_with_progress(
    house: House, clients: Sequence[Business], *, full: bool = False, quiet: bool = False, rail: str | None = None
) -> list[Outcome]:
    """Sync ``clients``, all their rails or one, and show how it goes; every outcome, in their order. ``quiet`` shows nothing."""
    jobs = jobs_of(house, clients, rail)
    paper = aside()
    if paper.is_terminal and not quiet:
        ended = list(_with_bars(house, jobs, full=full))
    elif quiet or len(jobs) == 1:
        ended = list(sync_side_by_side(house, jobs, full=full))
    else:
        ended = []
        for outcome in sync_side_by_side(house, jobs, full=full):
            paper.print(in_a_line(outcome), soft_wrap=True)
            ended.append(outcome)
    return sorted(ended, key=lambda outcome: jobs.index(outcome.job))


def in_a_line(outcome: Outcome) -> str:
    """``Quill Legal: 2,310 rows read, 2,310 changed, 31 calls, 1.8 s.``"""
    report = outcome.report
    if report is None:
        return f"{outcome.job.name}: {outcome.trouble}"
    rows = sum(entity.rows for entity in report.entities)
    changed = sum(entity.upserted + entity.deleted for entity in report.entities)
    return (
        f"{outcome.job.name}: {plural(rows, 'row')} read, {changed:,} changed,"
        f" {plural(report.calls, 'call')}, {report.seconds:.1f} s."
    )


def _with_bars(house: House, jobs: Sequence[Job], *, full: bool) -> Iterator[Outcome]:
    bars = Progress(
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.fields[client]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.description}"),
        console=aside(),
    )
    tasks: dict[str, TaskID] = {}

    def task_of(job: Job) -> TaskID:
        if job.name not in tasks:
            tasks[job.name] = bars.add_task("beginning", total=None, client=job.name)
        return tasks[job.name]

    def told(job: Job, entity: str, rows: int, whole: int | None) -> None:
        bars.update(
            task_of(job), description=f"{entity.replace('_', ' ')} {rows:,}", completed=rows, total=whole or rows
        )

    with bars:
        for outcome in sync_side_by_side(house, jobs, full=full, told=told):
            said = in_a_line(outcome).removeprefix(f"{outcome.job.name}: ")
            bars.update(task_of(outcome.job), description=said, completed=1, total=1)
            yield outcome
