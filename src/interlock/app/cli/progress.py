"""Progress of syncs on stderr: bars in a terminal, a line for each client that ends elsewhere."""

from collections.abc import Iterator, Sequence

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from interlock.app.cli.paper import aside, plural
from interlock.app.cli.syncing import Outcome, sync_side_by_side
from interlock.app.house import House
from interlock.domains.firm.models import Business


def sync_with_progress(
    house: House, clients: Sequence[Business], *, full: bool = False, quiet: bool = False
) -> list[Outcome]:
    """Sync ``clients`` and show how it goes; every outcome, in the order of ``clients``. ``quiet`` shows nothing."""
    paper = aside()
    if paper.is_terminal and not quiet:
        ended = list(_with_bars(house, clients, full=full))
    elif quiet or len(clients) == 1:
        ended = list(sync_side_by_side(house, clients, full=full))
    else:
        ended = []
        for outcome in sync_side_by_side(house, clients, full=full):
            paper.print(in_a_line(outcome), soft_wrap=True)
            ended.append(outcome)
    places = {client.business_id: at for at, client in enumerate(clients)}
    return sorted(ended, key=lambda outcome: places[outcome.business.business_id])


def in_a_line(outcome: Outcome) -> str:
    """``Quill Legal: 2,310 rows read, 2,310 changed, 31 calls, 1.8 s.``"""
    report = outcome.report
    if report is None:
        return f"{outcome.business.name}: {outcome.trouble}"
    rows = sum(entity.rows for entity in report.entities)
    changed = sum(entity.upserted + entity.deleted for entity in report.entities)
    return (
        f"{outcome.business.name}: {plural(rows, 'row')} read, {changed:,} changed,"
        f" {plural(report.calls, 'call')}, {report.seconds:.1f} s."
    )


def _with_bars(house: House, clients: Sequence[Business], *, full: bool) -> Iterator[Outcome]:
    bars = Progress(
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.fields[client]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.description}"),
        console=aside(),
    )
    tasks: dict[str, TaskID] = {}

    def task_of(client: Business) -> TaskID:
        if client.business_id not in tasks:
            tasks[client.business_id] = bars.add_task("beginning", total=None, client=client.name)
        return tasks[client.business_id]

    def told(client: Business, entity: str, rows: int, whole: int | None) -> None:
        bars.update(
            task_of(client), description=f"{entity.replace('_', ' ')} {rows:,}", completed=rows, total=whole or rows
        )

    with bars:
        for outcome in sync_side_by_side(house, clients, full=full, told=told):
            said = in_a_line(outcome).removeprefix(f"{outcome.business.name}: ")
            bars.update(task_of(outcome.business), description=said, completed=1, total=1)
            yield outcome
