"""``interlock recurring``: what comes and goes by itself, confirmed or refused by a person once."""

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.people import As
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.domains.bank.services.recurring_service import Corrected
    from interlock.runway.services.experiences.recurring import SeriesView

recurring = typer.Typer(no_args_is_help=True, help="What recurs: payroll, taxes, rent and the like.")

Series = Annotated[
    str,
    typer.Argument(metavar="SERIES", help="A name, an id or a signature, as `interlock recurring list` shows them."),
]
Amount = Annotated[str | None, typer.Option(metavar="AMOUNT", help="Each, in home currency, where it is otherwise.")]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="Another name.")]
Category = Annotated[str | None, typer.Option(metavar="CATEGORY", help="Another category.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(recurring, name="recurring")


@recurring.callback()
def _recurring() -> None:
    """The books suggest what recurs; what a person confirms counts in the cash path and the guardrail."""


@recurring.command("list")
def list_recurring(business: Client, as_json: Json = False) -> None:
    """What the books suggest, what is confirmed, what was refused or has ended."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.path import recurring as show

    with reading(business) as at:
        view = at.recurring.get_recurring_experience()
    answer(view, show, as_json=as_json)


@recurring.command("confirm")
def confirm(
    business: Client,
    series: Series,
    as_person: As,
    amount: Amount = None,
    name: Name = None,
    category: Category = None,
) -> None:
    """It recurs, as shown or as said."""
    from interlock.app.cli.desk import writing

    with writing(business) as at:
        corrected = _corrected(amount, name, category, at.business.home_currency)
        made = at.recurring.confirm(at.acting(as_person, through="command line"), series, corrected)
    _told("Confirmed", made)


@recurring.command("refuse")
def refuse(business: Client, series: Series, as_person: As) -> None:
    """It doesn't recur; it is not suggested again."""
    from interlock.app.cli.desk import writing

    with writing(business) as at:
        made = at.recurring.refuse(at.acting(as_person, through="command line"), series)
    _told("Refused", made)


@recurring.command("change")
def change(
    business: Client,
    series: Series,
    as_person: As,
    amount: Amount = None,
    name: Name = None,
    category: Category = None,
) -> None:
    """Another amount, name or category of a confirmed series."""
    from interlock.app.cli.desk import writing

    with writing(business) as at:
        corrected = _corrected(amount, name, category, at.business.home_currency)
        made = at.recurring.change(at.acting(as_person, through="command line"), series, corrected)
    _told("Changed", made)


@recurring.command("end")
def end(
    business: Client,
    series: Series,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the log.")],
    as_person: As,
) -> None:
    """It comes no more."""
    from interlock.app.cli.desk import writing

    with writing(business) as at:
        made = at.recurring.end(at.acting(as_person, through="command line"), series, reason=reason)
    _told("Ended", made)


def _corrected(amount: str | None, name: str | None, category: str | None, home: str) -> "Corrected":
    from interlock.domains.bank.services.recurring_service import Corrected
    from interlock.kernel.money import Money

    return Corrected(name, category, None if amount is None else Money.of(amount, home).minor)


def _told(act: str, made: "SeriesView") -> None:
    from interlock.app.cli.paper import out

    when = f"{made.when[:1].lower()}{made.when[1:]}"
    out().print(
        f"{act}: {made.name}, {made.category}, {made.amount.currency} {made.amount} {when}. {made.recurring_id}"
    )
