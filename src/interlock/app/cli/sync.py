"""``interlock sync``: bring the mirror up to date."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from interlock.app.cli.syncing import Outcome


def add_to(app: typer.Typer) -> None:
    app.command("sync")(sync)


def sync(
    business: Annotated[
        str | None, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Every client, several side by side.")] = False,
    full: Annotated[bool, typer.Option("--full", help="List everything anew instead of asking for changes.")] = False,
    rail: Annotated[str | None, typer.Option(metavar="RAIL", help="Only this one: qbo, ramp, plaid or stripe.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")] = False,
) -> None:
    """Read what changed in QuickBooks, and on every other rail a client is linked to, into the mirror."""
    from interlock.app.cli.house import business_named, businesses, opened
    from interlock.app.cli.progress import sync_with_progress
    from interlock.kernel.errors import NotFound

    if everybody == (business is not None):
        raise typer.BadParameter("name one client, or give --all.", param_hint="BUSINESS")
    with opened() as house:
        clients = businesses(house) if business is None else [business_named(house, business)]
        if not clients:
            raise NotFound("There is no client to sync yet; `interlock connect qbo` takes one on.")
        ended = sync_with_progress(house, clients, full=full, quiet=as_json, rail=rail)
    if as_json:
        _write(ended)
    elif len(ended) == 1:
        _one(ended[0])
    else:
        _many(ended)
    if any(outcome.trouble for outcome in ended):
        raise typer.Exit(1)


def _write(ended: "list[Outcome]") -> None:
    from interlock.app.cli.json_out import write

    write({"syncs": [_as_data(outcome) for outcome in ended]})


def _as_data(outcome: "Outcome") -> dict[str, Any]:
    import msgspec

    about = {"business_id": outcome.business.business_id, "slug": outcome.business.slug, "name": outcome.business.name}
    about["rail"] = outcome.job.rail.name
    if outcome.report is not None:
        return {**about, **msgspec.structs.asdict(outcome.report), "error": None}
    code = getattr(outcome.trouble, "code", "error")
    return {**about, "error": {"code": code, "sentence": str(outcome.trouble)}}


def _one(outcome: "Outcome") -> None:
    from interlock.app.cli.paper import Sheet, count, moment, out, plural

    if outcome.report is None:
        print(outcome.trouble, file=sys.stderr)
        return
    report = outcome.report
    sheet = Sheet("Entity", ">Rows read", ">New or changed", ">Deleted")
    for entity in report.entities:
        sheet.add(entity.entity.replace("_", " "), count(entity.rows), count(entity.upserted), count(entity.deleted))
    sheet.total(
        "Total",
        count(sum(entity.rows for entity in report.entities)),
        count(sum(entity.upserted for entity in report.entities)),
        count(sum(entity.deleted for entity in report.entities)),
    )
    paper = out()
    changed = any(each.upserted or each.deleted for each in report.entities)  # what was read again is no change
    if report.mode == "full" or changed:
        paper.print(sheet, "")
    for problem in report.problems:
        paper.print(problem.sentence)
    how = "Everything was listed" if report.mode == "full" else "Changes were read" if changed else "No changes"
    paper.print(
        f"{how}: {plural(report.calls, 'call')}, {report.bytes:,} bytes, {report.seconds:.1f} s."
        f" {outcome.job.name} is up to date as of {moment(report.last_sync)}."
    )


def _many(ended: "list[Outcome]") -> None:
    from interlock.app.cli.paper import Sheet, count, out, plural

    sheet = Sheet("Client", ">Rows read", ">New or changed", ">Deleted", ">Calls", ">Seconds", "State")
    reports = [outcome.report for outcome in ended if outcome.report is not None]
    for outcome in ended:
        report = outcome.report
        if report is None:
            sheet.add(outcome.job.name, "", "", "", "", "", f"Failed: {outcome.trouble}")
            continue
        sheet.add(
            outcome.job.name,
            count(sum(entity.rows for entity in report.entities)),
            count(sum(entity.upserted for entity in report.entities)),
            count(sum(entity.deleted for entity in report.entities)),
            count(report.calls),
            f"{report.seconds:.1f} ",
            "Up to date",
        )
    entities = [entity for report in reports for entity in report.entities]
    sheet.total(
        "Total",
        count(sum(entity.rows for entity in entities)),
        count(sum(entity.upserted for entity in entities)),
        count(sum(entity.deleted for entity in entities)),
        count(sum(report.calls for report in reports)),
        "",
        "",
    )
    paper = out()
    paper.print(sheet)
    failed = len(ended) - len(reports)
    if failed:
        print(f"{plural(failed, 'sync')} of {len(ended)} failed.", file=sys.stderr)
