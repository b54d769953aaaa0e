"""``interlock collections``: who is asked to pay, how, in which words; what people decide about it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from interlock.app.cli.groups import SHOW, ShowsByDefault
from interlock.app.cli.people import As
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.domains.ar.services.chase_service import Act, ChaseService
    from interlock.runway.business_desk import BusinessDesk
    from interlock.runway.services.experiences.collections import ChaseDone, WordsView

_DAY = ["%Y-%m-%d"]
collections = typer.Typer(
    cls=ShowsByDefault,
    no_args_is_help=True,
    help="Asking customers to pay: collections CLIENT, and what is decided about it.",
)

Invoices = Annotated[list[str], typer.Argument(metavar="INVOICE…", help="By QuickBooks' id, as the list shows it.")]
Invoice = Annotated[str, typer.Argument(metavar="INVOICE", help="By QuickBooks' id, as the list shows it.")]
StageName = Annotated[Literal["gentle", "firm", "final"], typer.Argument(metavar="STAGE", help="gentle, firm or final")]
MustWhy = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why; it stands in the log.")]
Why = Annotated[str | None, typer.Option("--why", metavar="TEXT", help="Why; it stands in the log.")]
Amount = Annotated[str | None, typer.Option(metavar="AMOUNT", help="All of it unless said; then of one invoice.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(collections, name="collections")


@collections.callback()
def _collections() -> None:
    """Late customers are asked by mail in three stages, once switched on and once the words were read."""


@collections.command(SHOW)
def show(business: Client, as_json: Json = False) -> None:
    """Late invoices in the order to chase them, what comes next for each, the words, and what was written."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.collections import show as show_it
    from interlock.runway.collections_desk import chasing
    from interlock.runway.collections_desk import collections as collections_of

    with reading(business) as at:
        answer(collections_of(at, chasing(at, None)).get_collections_experience(), show_it, as_json=as_json)


@collections.command("chase")
def chase(
    business: Client,
    invoices: Invoices,
    person: As,
    anew: Annotated[bool, typer.Option("--anew", help="From the gentle message on, whatever was sent before.")] = False,
    why: Why = None,
    as_json: Json = False,
) -> None:
    """Ask for these (again): what was paused, promised, disputed or stopped is over."""
    _decide(business, invoices, person, "chase", why=why, anew=anew, as_json=as_json)


@collections.command("pause")
def pause(
    business: Client,
    invoices: Invoices,
    person: As,
    until: Annotated[
        datetime | None, typer.Option(formats=_DAY, metavar="DATE", help="Until somebody says otherwise unless said.")
    ] = None,
    why: Why = None,
    as_json: Json = False,
) -> None:
    """Don't ask for these for a while."""
    _decide(business, invoices, person, "pause", until=until, why=why, as_json=as_json)


@collections.command("promise")
def promise(
    business: Client,
    invoices: Invoices,
    person: As,
    until: Annotated[datetime, typer.Option(formats=_DAY, metavar="DATE", help="The day they gave.")],
    amount: Amount = None,
    why: Why = None,
    as_json: Json = False,
) -> None:
    """A customer gave their word: it is waited for, and kept whether it held."""
    _decide(business, invoices, person, "promise", until=until, amount=amount, why=why, as_json=as_json)


@collections.command("plan")
def plan(
    business: Client,
    invoice: Invoice,
    parts: Annotated[list[str], typer.Argument(metavar="DATE=AMOUNT…", help="Each part: 2026-12-18=250.00")],
    person: As,
    why: Why = None,
    as_json: Json = False,
) -> None:
    """A customer pays in parts, each by its day."""
    _decide(business, [invoice], person, "plan", parts=parts, why=why, as_json=as_json)


@collections.command("dispute")
def dispute(
    business: Client, invoices: Invoices, person: As, why: MustWhy, amount: Amount = None, as_json: Json = False
) -> None:
    """A customer says it isn't owed; it isn't asked for until somebody says otherwise."""
    _decide(business, invoices, person, "dispute", amount=amount, why=why, as_json=as_json)


@collections.command("write-off")
def write_off(business: Client, invoices: Invoices, person: As, why: MustWhy, as_json: Json = False) -> None:
    """Propose that these be written off; that is done in QuickBooks."""
    _decide(business, invoices, person, "write_off", why=why, as_json=as_json)


@collections.command("stop")
def stop(business: Client, invoices: Invoices, person: As, why: MustWhy, as_json: Json = False) -> None:
    """Ask for these no more."""
    _decide(business, invoices, person, "stop", why=why, as_json=as_json)


@collections.command("manner")
def manner(
    business: Client,
    person: As,
    sender: Annotated[str | None, typer.Option(metavar="NAME", help="Who writes.")] = None,
    reply_to: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where the customer's answer goes.")] = None,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether customers are written to; as it is unless said.")
    ] = None,
    gentle: Annotated[int | None, typer.Option(metavar="DAYS", help="Late, for the first message.")] = None,
    firm: Annotated[int | None, typer.Option(metavar="DAYS", help="Late, for the second.")] = None,
    final: Annotated[int | None, typer.Option(metavar="DAYS", help="Late, for the third.")] = None,
    gap: Annotated[int | None, typer.Option(metavar="DAYS", help="Between two messages to one customer.")] = None,
    begins: Annotated[
        str | None, typer.Option("--from", metavar="HH:MM", help="Not before, the client's time.")
    ] = None,
    ends: Annotated[str | None, typer.Option("--to", metavar="HH:MM", help="Not after, the client's time.")] = None,
) -> None:
    """How customers are asked, and whether at all; what isn't said stays as it is."""
    from msgspec.structs import replace

    from interlock.app.cli.paper import out
    from interlock.domains.ar.services.chase_cases import manner_of

    said = {
        "on": on, "gentle_days": gentle, "firm_days": firm, "final_days": final, "gap_days": gap,
        "from_hour": begins, "to_hour": ends,
    }  # fmt: skip
    with _acting(business, person) as (_at, service):
        setup = service.setup()
        wanted = replace(manner_of(setup), **{name: value for name, value in said.items() if value is not None})
        name = sender if sender is not None else setup.sender_name if setup else ""
        answers = reply_to if reply_to is not None else setup.reply_to if setup else ""
        row = service.choose(wanted, sender_name=name, reply_to=answers)
        words = "are written to" if row.on else "are not written to"
        told = f"Customers {words}, by {row.sender_name}; answers go to {row.reply_to}."
    out().print(told)


@collections.command("words")
def words(
    business: Client,
    stage: StageName,
    accept: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="You have read them: the digest that they are shown with.")
    ] = None,
    subject: Annotated[str | None, typer.Option(metavar="TEXT", help="A new subject; with --text.")] = None,
    text: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="A new text, from a file.")
    ] = None,
    person: Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who acts; not needed to read.")] = None,
) -> None:
    """The words of a stage as a customer would read them; say yes to them, or write others."""
    from interlock.app.cli.showing.collections import show_words

    if (subject is None) != (text is None):
        raise typer.BadParameter("go together; give both.", param_hint="--subject and --text")
    if accept is not None and subject is not None:
        raise typer.BadParameter("new words are read first; write them, then accept them.", param_hint="--accept")
    if accept is not None or (subject is not None and text is not None):
        if person is None:
            raise typer.BadParameter("say who acts.", param_hint="--as")
        with _acting(business, person) as (_at, service):
            if accept is not None:
                service.accept_words(stage, accept)
            elif subject is not None and text is not None:
                service.write_words(stage, subject, _text_of(text))
    show_words(next(each for each in _words_of(business) if each.stage == stage))


@collections.command("message")
def message(
    business: Client,
    reminder: Annotated[str, typer.Argument(metavar="MESSAGE", help="As `interlock collections CLIENT` shows it.")],
    said: Annotated[Literal["sent", "not_sent", "bounced"], typer.Argument(metavar="sent|not_sent|bounced")],
    person: As,
) -> None:
    """What you know of a message: that it went or didn't, where nobody knew; that it came back."""
    from interlock.app.cli.paper import out

    with _acting(business, person) as (_at, service):
        row = service.say_of_message(reminder, said)
        state = row.state.replace("_", " ")
    out().print(f"Kept: the message is {state}.")


@collections.command("address")
def address(
    business: Client,
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    person: As,
    again: Annotated[
        bool, typer.Option("--again", help="Write to it again: it was wrong, or its owner says so.")
    ] = False,
    why: Why = None,
) -> None:
    """Write to an address no more."""
    from interlock.app.cli.paper import out

    with _acting(business, person) as (_at, service):
        if again:
            service.opt_in(address)
        else:
            service.opt_out(address, why=why)
    out().print(f"{address} is written to again." if again else f"{address} is written to no more.")


def _decide(
    business: str,
    invoices: list[str],
    person: str,
    act: "Act",
    *,
    until: datetime | None = None,
    amount: str | None = None,
    parts: list[str] | None = None,
    why: str | None = None,
    anew: bool = False,
    as_json: bool,
) -> None:
    from interlock.app.cli.desk import answer
    from interlock.domains.ar.services.chase_service import Decided, Part
    from interlock.runway.collections_desk import collections as collections_of

    with _acting(business, person) as (at, service):
        minor = _minor_in(at.business.home_currency)
        decided = Decided(
            act=act,
            until=until.date() if until else None,
            minor=None if amount is None else minor(amount),
            parts=tuple(Part(day, minor(part)) for day, part in map(_part, parts or [])),
            why=why,
            anew=anew,
        )
        done = collections_of(at, service).decide(invoices, decided)
    answer(done, _done, as_json=as_json)


def _minor_in(currency: str) -> "Callable[[str], int]":
    from interlock.kernel.money import Money

    return lambda text: Money.of(text.replace(",", "").strip(), currency).minor


def _part(text: str) -> tuple[date, str]:
    from interlock.kernel.errors import BadInput

    day, equals, amount = text.partition("=")
    try:
        if equals:
            return date.fromisoformat(day.strip()), amount
    except ValueError:
        pass  # said below, as for a part without an amount
    raise BadInput(f"{text!r} is no part of a plan; write it like 2026-12-18=250.00. Nothing was changed.")


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as trouble:
        raise typer.BadParameter(f"{file} can't be read as text: {trouble}.", param_hint="--text") from None


def _words_of(business: str) -> "tuple[WordsView, ...]":
    from interlock.app.cli.desk import reading
    from interlock.runway.collections_desk import chasing
    from interlock.runway.collections_desk import collections as collections_of

    with reading(business) as at:
        return collections_of(at, chasing(at, None)).get_collections_experience().words


@contextmanager
def _acting(business: str, person: str) -> "Iterator[tuple[BusinessDesk, ChaseService]]":
    from interlock.app.cli.desk import writing
    from interlock.runway.collections_desk import chasing

    with writing(business) as at:
        yield at, chasing(at, at.acting(person, through="command line"))


def _done(done: "ChaseDone") -> None:
    from interlock.app.cli.paper import out

    out().print(done.words)
