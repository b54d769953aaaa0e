"""``interlock orders``: what is asked of Stripe for a client; and ``invoices ask|void|give-up|collecting|link`` beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.documents import invoices
from interlock.app.cli.groups import SHOW, ShowsByDefault
from interlock.app.cli.people import As
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.order_views import (
        AtRailExperience,
        Does,
        OrderDone,
        OrderExperience,
        OrdersExperience,
    )
    from interlock.runway.services.experiences.orders import OrdersService

orders = typer.Typer(
    cls=ShowsByDefault,
    no_args_is_help=True,
    help="Orders to Stripe: orders CLIENT, and approving, releasing or taking one back.",
)

InvoiceId = Annotated[str, typer.Argument(metavar="ID", help="The invoice's id in QuickBooks, as the list shows it.")]
OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="As `interlock orders CLIENT` shows it.")]
Comment = Annotated[str | None, typer.Option(metavar="TEXT", help="Kept with the act.")]
Which = Annotated[
    str | None, typer.Option("--rail-invoice", metavar="ID", help="Which of Stripe's, where it asks more than once.")
]


def add_to(app: typer.Typer) -> None:
    app.add_typer(orders, name="orders")


@orders.callback()
def _orders() -> None:
    """What Stripe is to do for a client: one person prepares it, another approves it, and it is done once."""


@orders.command(SHOW)
def show(
    business: Client,
    every: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    as_json: Json = False,
) -> None:
    """Orders that are to come or wait for a person, the latest changed first."""
    from interlock.app.cli.desk import answer

    with _reading(business) as service:
        answer(service.get_orders_experience("all" if every else "waiting"), _show, as_json=as_json)


@orders.command("one")
def one(business: Client, order: OrderId, as_json: Json = False) -> None:
    """One order with all that happened to it."""
    from interlock.app.cli.desk import answer

    with _reading(business) as service:
        answer(service.get_order_experience(order), _show_one, as_json=as_json)


@orders.command("refund")
def refund(
    business: Client,
    charge: Annotated[str, typer.Argument(metavar="CHARGE", help="The payment at Stripe: ch_… or py_….")],
    person: As,
    reason: Annotated[
        str, typer.Option(metavar="WORD", help="requested_by_customer, duplicate or fraudulent.")
    ] = "requested_by_customer",
    amount: Annotated[str | None, typer.Option(metavar="AMOUNT", help="All that is left of it, unless said.")] = None,
    comment: Comment = None,
    as_json: Json = False,
) -> None:
    """Prepare that money goes back to a customer; others approve and release it."""
    from interlock.app.cli.desk import answer

    with _acting(business, person) as service:
        done = service.refund(charge, amount=amount, reason=reason, comment=comment)
    answer(done, _done, as_json=as_json)


def _decides(name: str, does: "Does", means: str) -> None:
    @orders.command(name, help=means)
    def decide(business: Client, order: OrderId, person: As, comment: Comment = None, as_json: Json = False) -> None:
        from interlock.app.cli.desk import answer

        with _acting(business, person) as service:
            done = service.decide(order, does, comment=comment)
        answer(done, _done, as_json=as_json)


_decides("approve", "approve", "Say yes to an order; what asks for money goes out once that can't be undone any more.")
_decides("release", "release", "Let money go back that was approved.")
_decides("withdraw", "withdraw", "Take an order back before anything was sent.")
_decides("look-again", "look_again", "Have an order that nobody knows of looked up once more.")
_decides(
    "not-made", "not_made", "You looked at Stripe, and an order that nobody knows of was not made; say what you saw."
)


@invoices.command("ask")
def ask(business: Client, invoice: InvoiceId, person: As, comment: Comment = None, as_json: Json = False) -> None:
    """Prepare that its customer is asked through Stripe for what is open; somebody else approves it."""
    from interlock.app.cli.desk import answer

    with _acting(business, person) as service:
        done = service.prepare("invoice", invoice, comment=comment)
    answer(done, _done, as_json=as_json)


@invoices.command("void")
def void(
    business: Client,
    invoice: InvoiceId,
    person: As,
    which: Which = None,
    comment: Comment = None,
    as_json: Json = False,
) -> None:
    """Prepare that Stripe stops asking for it, for good; QuickBooks' invoice stays as it is."""
    from interlock.app.cli.desk import answer

    with _acting(business, person) as service:
        done = service.prepare("void", invoice, rail_invoice_id=which, comment=comment)
    answer(done, _done, as_json=as_json)


@invoices.command("give-up")
def give_up(
    business: Client,
    invoice: InvoiceId,
    person: As,
    which: Which = None,
    comment: Comment = None,
    as_json: Json = False,
) -> None:
    """Prepare that Stripe counts it as uncollectible; its customer may still pay."""
    from interlock.app.cli.desk import answer

    with _acting(business, person) as service:
        done = service.prepare("uncollectible", invoice, rail_invoice_id=which, comment=comment)
    answer(done, _done, as_json=as_json)


@invoices.command("collecting")
def collecting(business: Client, invoice: InvoiceId, as_json: Json = False) -> None:
    """What both ledgers say is open on it, what can be ordered at Stripe, and what was."""
    from interlock.app.cli.desk import answer

    with _reading(business) as service:
        answer(service.get_at_rail_experience(invoice), _show_at_rail, as_json=as_json)


@invoices.command("link")
def link(business: Client, invoice: InvoiceId) -> None:
    """Where its customer pays; refused while the two ledgers disagree."""
    with _reading(business) as service:
        print(service.payment_link(invoice))


@contextmanager
def _reading(business: str) -> "Iterator[OrdersService]":
    from interlock.app.cli.desk import desk_of
    from interlock.app.cli.house import opened
    from interlock.runway.collecting_desk import orders as orders_of

    with opened() as house:
        desk = desk_of(house)
        with desk.reading(business) as at:
            yield orders_of(at, None, desk.capabilities)


@contextmanager
def _acting(business: str, person: str) -> "Iterator[OrdersService]":
    from interlock.app.cli.desk import desk_of
    from interlock.app.cli.house import opened
    from interlock.runway.collecting_desk import orders as orders_of

    with opened() as house:
        desk = desk_of(house)
        with desk.writing(business) as at:
            yield orders_of(at, at.acting(person, through="command line"), desk.capabilities)


def _show(view: "OrdersExperience") -> None:
    from interlock.app.cli.paper import Sheet, figure, out
    from interlock.app.cli.showing.parts import ask as asked

    paper = out()
    asked(paper, view.ask, view.say)
    sheet = Sheet("Order", "What", "Customer", "Where it stands", ">Amount")
    for each in view.orders:
        what = f"{each.name} {each.number}" if each.number else each.name
        amount = f"{each.amount.currency} {figure(each.amount.money)}"
        sheet.add(each.order_id, what, each.customer, each.words, amount)
    paper.print(sheet)


def _show_one(view: "OrderExperience") -> None:
    from interlock.app.cli.paper import out
    from interlock.app.cli.showing.parts import ask as asked

    paper = out()
    asked(paper, view.ask, view.say)
    for said in (view.order.needs, view.order.why, *(f"Against it now: {each}" for each in view.against)):
        if said:
            paper.print(said)
    for each in view.happened:
        paper.print(f"{each.at:%Y-%m-%d %H:%M:%S}Z  {each.words} ({each.who}){f': {each.why}' if each.why else ''}")
    if view.order.url:
        paper.print(f"The customer pays at {view.order.url}")


def _show_at_rail(view: "AtRailExperience") -> None:
    from interlock.app.cli.paper import figure, out

    paper = out()
    there = f"{view.at_rail.currency} {figure(view.at_rail.money)}" if view.at_rail else "nothing"
    paper.print(f"QuickBooks shows {view.ledger.currency} {figure(view.ledger.money)} open; Stripe asks for {there}.")
    if view.why_not:
        paper.print(f"The two ledgers don't agree. {view.why_not}")
    for offer in view.offers:
        paper.print(f"{offer.name}: {offer.why_not or offer.means}")
    for each in view.orders:
        paper.print(f"{each.order_id} {each.name}: {each.words}.{f' {each.why}' if each.why else ''}")
    for paid in view.payments:
        said = paid.why_not or f"{figure(paid.left.money)} can be given back."
        paper.print(f"Payment {paid.charge_id}, {paid.amount.currency} {figure(paid.amount.money)}: {said}")


def _done(done: "OrderDone") -> None:
    from interlock.app.cli.paper import out

    out().print(f"{done.words} ({done.order.order_id})")
