"""``interlock log``: read, export, verify and anchor the transaction log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interlock.app.cli.groups import SHOW, ShowsByDefault

if TYPE_CHECKING:
    from interlock.app.evidence import Anchor, Verdict
    from interlock.app.house import House
    from interlock.runway.services.experiences.log_view import LogExperience

_LINES_SHOWN = 40
_HASH_SHOWN_DIGITS = 12
_HASH_DIGITS = 64

log = typer.Typer(cls=ShowsByDefault, no_args_is_help=True, help="The transaction log: log BUSINESS, verify, anchor.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(log, name="log")


@log.callback()
def _log() -> None:
    """The transaction log of a client (log BUSINESS), its proof and its anchors."""


@log.command(SHOW)
def show(
    business: Annotated[
        str | None, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")
    ] = None,
    firm: Annotated[bool, typer.Option("--firm", help="The firm's own chain instead of a client's.")] = False,
    after: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Lines after line N; the newest unless said.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=1_000, metavar="N", help="How many lines at most.")] = _LINES_SHOWN,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the whole chain to a new file instead.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")] = False,
) -> None:
    """Lines of one chain, oldest first."""
    if firm == (business is not None):
        raise typer.BadParameter("name one client, or give --firm.", param_hint="BUSINESS")
    if export is None:
        _show(business, after, most, as_json=as_json)
    elif after is None:
        _export(business, export)
    else:
        raise typer.BadParameter("an export holds the whole chain, so that it can be verified; leave --after out.")


def _show(business: str | None, after: int | None, most: int, *, as_json: bool) -> None:
    """The API's own view model; ``after`` cuts it off at the old end."""
    from contextlib import ExitStack

    from interlock.app.cli import desk

    with ExitStack() as ending:
        at: Any = ending.enter_context(desk.firm() if business is None else desk.reading(business))
        name = "The firm" if business is None else at.business.name
        view = at.log.get_log_experience(before=None if after is None else after + most + 1, most=most)
    if after is not None:
        lines = tuple(line for line in view.lines if line.seq > after)
        view = view.model_copy(update={"lines": lines, "next_before": None})
    desk.answer(view, lambda shown: _print(shown, name), as_json=as_json)


def _export(business: str | None, to: Path) -> None:
    from interlock.app import evidence
    from interlock.app.cli.house import opened
    from interlock.app.cli.paper import plural

    with opened() as house:
        chain, name, scope = _one_chain(house, business)
        with house.database.reading(scope) as session:
            written = evidence.export(session, chain, to)
    typer.echo(f"{plural(written, 'line')} of {name} in {to}; interlock log verify --file {to} checks them.")


@log.command("verify")
def verify(
    business: Annotated[
        str | None, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The firm's chain and every client's.")] = False,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="An exported chain; no database is opened.")] = None,
    anchor: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Heads kept outside, to hold the lines against.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")] = False,
) -> None:
    """Recompute every hash; without a name, of every chain."""
    from interlock.app import evidence
    from interlock.kernel.errors import BadInput

    if sum((business is not None, everything, file is not None)) > 1:
        raise typer.BadParameter("give one of BUSINESS, --all and --file.", param_hint="BUSINESS")
    anchors = evidence.read_anchors(anchor) if anchor else []
    if file is not None:
        exported = list(evidence.read_export(file))
        held = {line.chain for line in exported}
        kept = [each for each in anchors if each.chain in held]
        if anchors and not kept:
            raise BadInput(f"{anchor} anchors none of the chains in {file}; nothing was proven.")
        _verdict(evidence.examine(exported, kept), {each.chain: each.name for each in anchors}, as_json=as_json)
    else:
        _verify_database(business, anchors, as_json=as_json)


@log.command("anchor")
def anchor(
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="Heads are added to this file; keep it elsewhere.")],
    business: Annotated[
        str | None, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The firm's chain and every client's.")] = False,
) -> None:
    """Write the present head of a chain to a file outside the database."""
    from interlock.app import evidence
    from interlock.app.cli.house import opened
    from interlock.app.cli.paper import plural

    if everything == (business is not None):
        raise typer.BadParameter("name one client, or give --all.", param_hint="BUSINESS")
    with opened() as house:
        heads = _heads(house, business)
    evidence.append_anchors(to, heads)
    for head in heads:
        typer.echo(f"{head.name}: line {head.seq:,}, {head.hash}")
    typer.echo(f"{plural(len(heads), 'head')} added to {to}. Keep it where nobody who writes to the database can.")


def _verify_database(business: str | None, anchors: "list[Anchor]", *, as_json: bool) -> None:
    from interlock.app import evidence
    from interlock.app.cli.house import opened
    from interlock.infra import translog

    with opened() as house:
        names = _names(house)
        chain, _, scope = _one_chain(house, business)
        with house.database.reading(scope) as session:
            wanted = evidence.chains(session) if business is None else [chain]
            kept = [each for each in anchors if business is None or each.chain == chain]
            found = (line for each in wanted for line in translog.lines(session, each))
            verdict = evidence.examine(found, kept)
    _verdict(verdict, {**{each.chain: each.name for each in anchors}, **names}, as_json=as_json)


def _one_chain(house: "House", business: str | None) -> "tuple[str, str, Any]":
    """Chain, name and scope: of a client, or of the whole firm where none is named."""
    from interlock.app.cli.house import business_named, firm_id
    from interlock.kernel.scope import Scope

    if business is None:
        firm = firm_id(house)
        return firm, "the firm", Scope(firm)
    client = business_named(house, business)
    return client.business_id, client.name, Scope(client.firm_id, client.business_id)


def _names(house: "House") -> dict[str, str]:
    from interlock.app.cli.house import businesses, firm_id

    return {firm_id(house): "The firm", **{client.business_id: client.name for client in businesses(house)}}


def _heads(house: "House", business: str | None) -> "list[Anchor]":
    from interlock.app import evidence
    from interlock.infra import translog

    names = _names(house)
    chain, _, scope = _one_chain(house, business)
    at = house.clock.now().isoformat(timespec="seconds")
    with house.database.reading(scope) as session:
        wanted = evidence.chains(session) if business is None else [chain]
        heads = {each: translog.head(session, each) for each in wanted}
    return [evidence.Anchor(each, seq, hash_, at, names.get(each, each)) for each, (seq, hash_) in heads.items()]


def _verdict(verdict: "Verdict", names: dict[str, str], *, as_json: bool) -> None:
    from interlock.app.cli.json_out import write
    from interlock.app.cli.paper import Sheet, count, out, plural

    lines = sum(seq for seq, _ in verdict.heads.values())
    if as_json:
        chains = [
            {"chain": chain, "name": names.get(chain), "lines": seq, "head": hash_}
            for chain, (seq, hash_) in verdict.heads.items()
        ]
        write({"holds": verdict.holds, "anchors": verdict.anchors, "chains": chains, "breaks": verdict.breaks})
    else:
        sheet = Sheet("Chain", ">Lines", "State", "Head")
        broken = {each.chain for each in verdict.breaks}
        for chain, (seq, hash_) in sorted(verdict.heads.items(), key=lambda each: names.get(each[0], each[0])):
            sheet.add(
                names.get(chain, chain),
                count(seq),
                "Broken" if chain in broken else "Holds",
                hash_[:_HASH_SHOWN_DIGITS],
            )
        paper = out()
        paper.print(sheet)
        for each in verdict.breaks:
            paper.print(f"{names.get(each.chain, each.chain)}, line {each.seq:,} {each.why}.", soft_wrap=True)
        against = f", and {plural(verdict.anchors, 'anchor')} held against them" if verdict.anchors else ""
        ends = "all hold" if verdict.holds else f"{plural(len(verdict.breaks), 'break')} found"
        paper.print(f"\n{plural(lines, 'line')} in {plural(len(verdict.heads), 'chain')} recomputed{against}: {ends}.")
    if not verdict.holds:
        raise typer.Exit(1)


def _print(view: "LogExperience", name: str) -> None:
    from datetime import datetime

    from interlock.app.cli.paper import Sheet, count, moment, out, plural

    sheet = Sheet(">Line", "When", "Who", "What", "Said", "Hash")
    lines = list(reversed(view.lines))
    for line in lines:
        at = moment(datetime.fromisoformat(line.at))
        sheet.add(count(line.seq), at, line.actor, line.action, _said(line.body), line.hash[:_HASH_SHOWN_DIGITS])
    paper = out()
    if not lines:
        paper.print(f"{name}: no lines after that; {plural(view.head.seq, 'line')} in all.")
        return
    paper.print(sheet)
    paper.print(f"\n{name}: lines {lines[0].seq:,} to {lines[-1].seq:,} of {view.head.seq:,}.")


def _said(body: dict[str, Any]) -> str:
    """A line's body in words: ``entity bill, rows 437``; hashes cut short, longer parts counted. JSON has it whole."""
    words: list[str] = []
    for key, value in body.items():
        text = f"({len(value)})" if isinstance(value, dict | list) else str(value)
        text = {"True": "yes", "False": "no", "None": "none"}.get(text, text)
        if len(text) == _HASH_DIGITS:
            text = f"{text[:_HASH_SHOWN_DIGITS]}…"
        words.append(f"{key.replace('_', ' ')} {text}")
    return ", ".join(words)
