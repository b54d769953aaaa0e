"""``interlock receipts``: payments through Stripe and what of them is in the books, where they are kept, and a person's word."""

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.groups import SHOW, ShowsByDefault
from interlock.app.cli.people import As
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.receipts import ReceiptsExperience, ReceiptView

receipts = typer.Typer(
    cls=ShowsByDefault,
    no_args_is_help=True,
    help="Payments through Stripe and what of them is in the books: receipts CLIENT, and what a person says of one.",
)


def add_to(app: typer.Typer) -> None:
    app.add_typer(receipts, name="receipts")


@receipts.callback()
def _receipts() -> None:
    """Payments that customers made through Stripe: entered in QuickBooks once, where the client lets us."""


@receipts.command(SHOW)
def show(business: Client, as_json: Json = False) -> None:
    """Those that wait for a person, then the latest, and those that nobody enters by itself."""
    from interlock.app.cli.desk import answer, reading

    with reading(business) as at:
        answer(at.receipts.get_receipts_experience(), _show, as_json=as_json)


@receipts.command("accounts")
def accounts(
    business: Client,
    person: As,
    clearing: Annotated[
        str | None, typer.Option("--clearing", metavar="ID", help="The account that holds what Stripe owes.")
    ] = None,
    fees: Annotated[str | None, typer.Option("--fees", metavar="ID", help="The account that takes its fees.")] = None,
    as_json: Json = False,
) -> None:
    """Say where Stripe's balance and its fees are kept in QuickBooks; what is left out is taken back."""
    from interlock.app.cli.desk import answer, writing

    with writing(business) as at:
        view = at.receipts.choose(clearing, fees, by=at.acting(person, through="command line"))
    answer(view, _show, as_json=as_json)


@receipts.command("say")
def say(
    business: Client,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="One that waits, as the list shows it.")],
    what: Annotated[str, typer.Argument(metavar="SAID", help="again, enter-anyway or leave.")],
    person: As,
    as_json: Json = False,
) -> None:
    """Have it tried again, entered beside what QuickBooks shows, or leave it to people."""
    from typing import get_args

    from interlock.app.cli.desk import answer, writing
    from interlock.domains.ar.services.receipt_records import Says

    known = {each.replace("_", "-"): each for each in get_args(Says)}
    if what not in known:
        raise typer.BadParameter(f"say {', '.join(known)}; not {what!r}.", param_hint="SAID")
    with writing(business) as at:
        view = at.receipts.say(record, known[what], by=at.acting(person, through="command line"))
    answer(view, _show_one, as_json=as_json)


def _show(view: "ReceiptsExperience") -> None:
    from interlock.app.cli.paper import Sheet, day, figure, out
    from interlock.app.cli.showing.parts import ask

    paper = out()
    ask(paper, view.ask, view.say)
    sheet = Sheet("Paid", "Invoice", "Customer", "State", "Record", ">Amount")
    for each in (*view.receipts, *view.not_taken_up):
        sheet.add(
            day(each.dated), each.number or each.invoice_id, each.customer or "–", _state(each),
            each.record_id or "–", f"{each.amount.currency} {figure(each.amount.money)}",
        )  # fmt: skip
    paper.print(sheet)
    for name, chosen, choices in (
        ("What Stripe owes", view.clearing, view.clearing_choices),
        ("Stripe's fees", view.fees, view.fee_choices),
    ):
        there = ", ".join(f"{each.name} ({each.id})" for each in choices) or "none in QuickBooks yet"
        paper.print(f"{name}: {f'{chosen.name} ({chosen.id})' if chosen else f'not chosen; there is {there}'}.")


def _show_one(view: "ReceiptView") -> None:
    from interlock.app.cli.paper import out

    out().print(f"Invoice {view.number or view.invoice_id}, {view.amount.currency} {view.amount}: {_state(view)}.")


def _state(view: "ReceiptView") -> str:
    return f"{view.words}: {view.why.rstrip('.')}" if view.why else view.words
