"""``interlock identity``: what is the same on two rails, and a person's word on it."""

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.groups import SHOW, ShowsByDefault
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.identity import DecidedView

identity = typer.Typer(
    cls=ShowsByDefault,
    no_args_is_help=True,
    help="What is the same on two rails: identity BUSINESS, and what a person decides of a pair.",
)

Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="account, funding_account, vendor, bill, customer or invoice.")
]
RailId = Annotated[str, typer.Argument(metavar="RAIL_ID", help="The rail's id, as the list shows it.")]
LedgerId = Annotated[str, typer.Argument(metavar="LEDGER_ID", help="QuickBooks' id, as the list shows it.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(identity, name="identity")


@identity.callback()
def _identity() -> None:
    """Vendors, bills, customers, invoices and accounts on two rails: linked by exact keys, or by a person."""


@identity.command(SHOW)
def show(business: Client, as_json: Json = False) -> None:
    """What is linked and by which key, what waits for a person, what is linked twice."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.clearing import identity as show_it

    with reading(business) as at:
        answer(at.identities.get_identity_experience(), show_it, as_json=as_json)


@identity.command("confirm")
def confirm(business: Client, kind: Kind, rail_id: RailId, ledger_id: LedgerId, as_json: Json = False) -> None:
    """They are the same."""
    _decide("confirm", business, (kind, rail_id, ledger_id), as_json=as_json)


@identity.command("refuse")
def refuse(business: Client, kind: Kind, rail_id: RailId, ledger_id: LedgerId, as_json: Json = False) -> None:
    """They are not the same; nobody is asked again."""
    _decide("refuse", business, (kind, rail_id, ledger_id), as_json=as_json)


@identity.command("undo")
def undo(business: Client, kind: Kind, rail_id: RailId, ledger_id: LedgerId, as_json: Json = False) -> None:
    """Take a link or a refusal back."""
    _decide("undo", business, (kind, rail_id, ledger_id), as_json=as_json)


def _decide(act: str, business: str, pair: tuple[str, str, str], *, as_json: bool) -> None:
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.house import actor

    with writing(business) as at:
        acts = {"confirm": at.identities.confirm, "refuse": at.identities.refuse, "undo": at.identities.undo}
        decided = acts[act](*pair, actor=actor())
    answer(decided, _print, as_json=as_json)


def _print(decided: "DecidedView") -> None:
    from interlock.app.cli.paper import out

    kind = decided.kind.replace("_", " ").capitalize()
    out().print(f"{kind} {decided.rail_id} and QuickBooks' {decided.ledger_id}: {decided.state}.")
