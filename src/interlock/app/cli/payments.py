"""``interlock payments``, ``payment show`` and ``pay-run``: where approved money is, one payment, and what is paid next."""

from typing import Annotated

import typer

from interlock.app.cli.releasing import payment
from interlock.app.cli.views import Client, Json


def add_to(app: typer.Typer) -> None:
    app.command("payments")(payments)
    app.command("pay-run")(pay_run)


def payments(
    business: Client,
    stage: Annotated[
        str | None, typer.Option("--stage", metavar="STAGE", help="List the payments there, as the table names it.")
    ] = None,
    offset: Annotated[int, typer.Option(min=0, metavar="N", help="Rows to pass over.")] = 0,
    most: Annotated[int, typer.Option(min=1, max=100, metavar="N", help="Rows at most.")] = 100,
    as_json: Json = False,
) -> None:
    """Every approved dollar in exactly one place, and what waits for a person."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.payments import board, place_named

    with reading(business) as at:
        view = at.payments.get_payments_experience(place_named(stage), offset=offset, most=most)
    answer(view, board, as_json=as_json)


@payment.command("show")
def show(
    business: Client,
    intent: Annotated[str, typer.Argument(metavar="PAYMENT", help="A payment's id, as the board shows it.")],
    as_json: Json = False,
) -> None:
    """Whether somebody was paid, what each witness says, and every step with its line in the log."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.payments import one

    with reading(business) as at:
        view = at.payments.get_payment_experience(intent)
    answer(view, one, as_json=as_json)


def pay_run(business: Client, as_json: Json = False) -> None:
    """The next pay runs, what is approved for each, what can be released now and why the rest can't."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.payments import runs
    from interlock.runway.releasing_desk import pay_run as pay_run_of

    with reading(business) as at:
        view = pay_run_of(at, None).get_pay_run_experience()
    answer(view, runs, as_json=as_json)
