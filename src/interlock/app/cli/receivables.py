"""``interlock receivables``: who owes, how fast it comes in, whom to chase first; one customer whole."""

from typing import Annotated

import typer

from interlock.app.cli.views import Client, Json


def add_to(app: typer.Typer) -> None:
    app.command("receivables")(receivables)


def receivables(
    business: Client,
    customer: Annotated[
        str | None,
        typer.Option("--customer", metavar="ID", help="One customer, by QuickBooks' id: what is open, how they pay."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Who owes, how late, how fast it comes in (DSO, CEI and more), and whom to chase first."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing import receivables as show

    with reading(business) as at:
        if customer is None:
            answer(at.receivables.get_receivables_experience(), show.receivables, as_json=as_json)
        else:
            answer(at.receivables.get_customer_experience(customer), show.customer, as_json=as_json)
