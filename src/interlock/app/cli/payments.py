"""``interlock payments``: where every approved dollar is."""

from typing import Annotated

import typer

from interlock.app.cli.views import Client, Json


def add_to(app: typer.Typer) -> None:
    app.command("payments")(payments)


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
