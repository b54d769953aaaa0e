"""``interlock evidence``: one payment's evidence in a file, and such a file checked anywhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.groups import SHOW, ShowsByDefault
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.app.payment_evidence import Found

evidence = typer.Typer(
    cls=ShowsByDefault, no_args_is_help=True, help="A payment's evidence: evidence BUSINESS INTENT --out FILE, verify."
)


def add_to(app: typer.Typer) -> None:
    app.add_typer(evidence, name="evidence")


@evidence.callback()
def _evidence() -> None:
    """A payment's evidence in one file (evidence BUSINESS INTENT --out FILE), and such a file checked (verify)."""


@evidence.command(SHOW)
def show(
    business: Client,
    intent: Annotated[str, typer.Argument(metavar="INTENT", help="A payment's id, as decisions and payments show it.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file; one that exists is left alone.")],
) -> None:
    """Write all that is known and said of one payment, with its stretch of the log, to a file."""
    from interlock.app.cli.desk import reading
    from interlock.app.evidence import new_file
    from interlock.runway.payment_evidence import evidence_file

    with reading(business) as at:
        said = evidence_file(at.session, at.business, intent)
    with new_file(out) as file:
        file.write(said.decode())
    typer.echo(f"{len(said):,} bytes about {intent} in {out}; interlock evidence verify {out} checks them anywhere.")


@evidence.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A payment's evidence; nothing else is opened.")],
    anchors: Annotated[
        Path | None,
        typer.Option("--anchors", metavar="FILE", help="Heads of logs kept elsewhere (interlock log anchor)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Recompute everything in such a file: hashes, log, verdicts, steps, amounts. No database, no network, no settings."""
    from interlock.app.cli.json_out import write
    from interlock.app.evidence import read_anchors
    from interlock.app.payment_evidence import examine_bundle, read_bundle

    bundle = read_bundle(file)
    found = examine_bundle(bundle, read_anchors(anchors) if anchors else ())
    if as_json:
        write(
            {
                "holds": found.holds,
                "head": bundle.head,
                **{name: getattr(found, name) for name in found.__struct_fields__},
            }
        )
    else:
        _print(found, str(file))
    if not found.holds:
        raise typer.Exit(1)


def _print(found: "Found", name: str) -> None:
    from interlock.app.cli.paper import out, plural

    paper = out()
    paper.print(f"{found.intent_id}, {found.says}\n", soft_wrap=True)
    for title, sentences in (("Broken", found.broken), ("Proven", found.proven), ("Not proven", found.unproven)):
        if sentences:
            paper.print(title, style="bold")
            for each in sentences:
                paper.print(f"  {each[:1].upper()}{each[1:].rstrip('.')}.", soft_wrap=True)
    ends = "holds" if found.holds else f"does not hold: {plural(len(found.broken), 'contradiction')}"
    paper.print(f"\n{name} {ends}.", soft_wrap=True)
