"""The read commands: portfolio, tray, console, digest, balances, aging."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

Client = Annotated[str, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")]
Json = Annotated[bool, typer.Option("--json", help="Only JSON, for programs: what the API answers.")]


def add_to(app: typer.Typer) -> None:
    for command in (portfolio, tray, console, digest, balances, aging):
        app.command(command.__name__)(command)


def portfolio(as_json: Json = False) -> None:
    """Every client in a line, what needs a person first."""
    from interlock.app.cli.desk import answer, firm
    from interlock.app.cli.showing.portfolio import show

    with firm() as at:
        view = at.portfolio.get_portfolio_experience()
    answer(view, show, as_json=as_json)


def tray(business: Client, as_json: Json = False) -> None:
    """What in the books makes the answer wrong, by dollars at stake."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.tray import show

    with reading(business) as at:
        view = at.tray.get_tray_experience()
    answer(view, show, as_json=as_json)


def console(
    business: Client,
    show: Annotated[
        Literal["open", "blocked", "second", "over", "changed", "snoozed"], typer.Option("--show", help="Which bills.")
    ] = "open",
    run: Annotated[str | None, typer.Option("--run", metavar="KEY", help="Only this pay run, by its date.")] = None,
    offset: Annotated[int, typer.Option(min=0, metavar="N", help="Rows of that run to pass over.")] = 0,
    most: Annotated[int, typer.Option(min=1, max=500, metavar="N", help="Rows at most.")] = 200,
    as_json: Json = False,
) -> None:
    """What can be decided on by pay run, what is blocked and why, whom to chase."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.console import show as show_it

    with reading(business) as at:
        view = at.console.get_console_experience(show, run=run, offset=offset, most=most)
    answer(view, show_it, as_json=as_json)


def digest(
    business: Client,
    pdf: Annotated[
        Path | None,
        typer.Option("--pdf", metavar="FILE", help="Write it on paper to a new file, as it would be made now."),
    ] = None,
    send: Annotated[
        bool, typer.Option("--send", help="Make this week's letter, keep it, and mail it to whom the policy names.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="With --send: the last letter once more, though it may have arrived.")
    ] = False,
    another: Annotated[
        str | None,
        typer.Option("--another", metavar="REASON", help="With --send: one more letter in this week, and why."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The letter about a client's cash; --send mails it, once a week, and --pdf puts it on paper."""
    for given, name in ((again, "--again"), (another is not None, "--another")):
        if given and not send:
            raise typer.BadParameter("says how to --send; give both.", param_hint=name)
    if again and another is not None:
        raise typer.BadParameter("makes a letter anew, --again sends one as it was; give one.", param_hint="--another")
    if pdf is not None:
        _paper(business, pdf)
    if send:
        _send(business, again=again, another=another, as_json=as_json)
    if send or pdf is not None:
        return
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.digest import show

    with reading(business) as at:
        view = at.digest.get_digest_experience()
    answer(view, show, as_json=as_json)


def _paper(business: str, pdf: Path) -> None:
    from interlock.app.cli.house import business_named, opened
    from interlock.app.evidence import new_file
    from interlock.app.letters import Letters

    with opened() as house, new_file(pdf, binary=True) as file:
        file.write(Letters(house, business_named(house, business)).paper())
    typer.echo(f"The letter as it would be made now is in {pdf}.")


def _send(business: str, *, again: bool, another: str | None, as_json: bool) -> None:
    from interlock.app.cli.desk import answer
    from interlock.app.cli.house import actor, opened
    from interlock.app.letter_sending import LettersByHand
    from interlock.runway.services.experiences.letter_sending import Another

    with opened() as house:
        wish = None if another is None else Another(another)
        sent = LettersByHand(house).send(business, actor=actor(), again=again, another=wish)
    answer(sent, lambda view: typer.echo(view.words), as_json=as_json)


def balances(
    business: Client,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the banks themselves first: slow (30 s and more), and rationed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Balances by account: the banks' word where one is linked, the books', what lies between, what can be spent."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.cash import balances as show

    if refresh:
        _ask_banks(business)
    with reading(business) as at:
        view = at.balances.get_balances_experience()
    answer(view, show, as_json=as_json)


def _ask_banks(business: str) -> None:
    import sys

    from interlock.app.bank_links import BankLinks
    from interlock.app.cli.house import opened

    with opened() as house:
        for sentence in BankLinks(house).ask_banks(business):
            print(sentence, file=sys.stderr)


def aging(
    business: Client,
    receivables: Annotated[
        bool, typer.Option("--receivables", help="What customers owe, instead of what is owed.")
    ] = False,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Today unless said.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Open documents by lateness, tied to QuickBooks' own report."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.cash import aging as show

    with reading(business) as at:
        day = as_of.date() if as_of else None
        view = at.aging.get_receivables_aging(day) if receivables else at.aging.get_payables_aging(day)
    answer(view, show, as_json=as_json)
