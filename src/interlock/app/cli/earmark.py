"""``interlock earmark``: money set aside, and given back."""

from datetime import datetime
from typing import Annotated

import typer

from interlock.app.cli.people import As
from interlock.app.cli.views import Client, Json

earmark = typer.Typer(no_args_is_help=True, help="Earmarks: money set aside for a purpose.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(earmark, name="earmark")


@earmark.callback()
def _earmark() -> None:
    """Money set aside lowers what can be spent. Its matched payment consumes it, never time; a person may release it."""


@earmark.command("list")
def list_earmarks(business: Client, as_json: Json = False) -> None:
    """What is set aside, in the order it is served, and how far the cash reaches."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.path import earmarks as show

    with reading(business) as at:
        view = at.earmarks.get_earmarks_experience()
    answer(view, show, as_json=as_json)


@earmark.command("add")
def add(
    business: Client,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the money is for.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="In home currency, as 6480.00.")],
    as_person: As,
    category: Annotated[
        str,
        typer.Option(metavar="CATEGORY", help="payroll, tax, rent, utilities, debt, supplier, other or restricted."),
    ] = "other",
    needed: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE")] = None,
    recurring: Annotated[
        str | None,
        typer.Option("--for", metavar="RECURRING_ID", help="What recurs that it is for; its payment consumes it."),
    ] = None,
    vendor: Annotated[
        str | None, typer.Option("--vendor", metavar="VENDOR_ID", help="Whose payment consumes it.")
    ] = None,
) -> None:
    """Set money aside."""
    from interlock.app.cli.desk import writing
    from interlock.app.cli.paper import out
    from interlock.kernel.money import Money

    with writing(business) as at:
        made = at.earmarks.add(
            at.acting(as_person, through="command line"),
            name,
            category,
            Money.of(amount, at.business.home_currency),
            needed_on=needed.date() if needed else None,
            recurring_id=recurring,
            vendor_id=vendor,
        )
    out().print(f"Set aside: {made.amount.currency} {made.amount} for {made.name}. {made.earmark_id}")


@earmark.command("release")
def release(
    business: Client,
    earmark_id: Annotated[str, typer.Argument(metavar="EARMARK_ID")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the log.")],
    as_person: As,
) -> None:
    """Give it back to what can be spent."""
    from interlock.app.cli.desk import writing
    from interlock.app.cli.paper import out

    with writing(business) as at:
        ended = at.earmarks.release(at.acting(as_person, through="command line"), earmark_id, reason=reason)
    out().print(f"Released: {ended.left.currency} {ended.left} of {ended.name} can be spent again.")
