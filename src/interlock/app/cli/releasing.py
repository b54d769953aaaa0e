"""``interlock release``, ``paying`` and ``payment say``: approved payments are let go, and people say what became of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.groups import ShowsByDefault
from interlock.app.cli.people import As
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.domains.ap.policy.course import Way

BLOCKED = 3
"""Nothing was let go: the exit code of a release that the guardrail, or every row's own reason, stopped."""

paying = typer.Typer(
    cls=ShowsByDefault, no_args_is_help=True, help="How a client pays its bills, and the choice of another way."
)
payment = typer.Typer(no_args_is_help=True, help="One payment: what its witnesses say, and what people say of it.")
Method = Annotated[str, typer.Option("--method", metavar="METHOD", help="ach, check or wire.")]
Account = Annotated[
    str | None,
    typer.Option("--account", metavar="ID", help="The paying rail's account to pay from, as `show` lists it."),
]
Business = Annotated[str, typer.Argument(metavar="CLIENT", help="Id, short name or name of a client.")]


def add_to(app: typer.Typer) -> None:
    app.command("release")(release)
    app.add_typer(paying, name="paying")
    app.add_typer(payment, name="payment")


def release(
    business: Client,
    person: As,
    intents: Annotated[
        list[str] | None, typer.Argument(metavar="PAYMENT…", help="Approved payments, by id.", show_default=False)
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="All that is approved and whose day has come.")] = False,
    acknowledge: Annotated[bool, typer.Option("--acknowledge", help="The warning was read.")] = False,
    comment: Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="Stays with the decision.")] = None,
    as_json: Json = False,
) -> None:
    """Let approved payments go; the banks are asked for their balances first. Ends with 3 when nothing was let go."""
    if due == bool(intents):
        raise typer.BadParameter("name the payments, or take all with --due.", param_hint="PAYMENT")
    from interlock.app.bank_links import BankLinks
    from interlock.app.cli.desk import answer, desk_of
    from interlock.app.cli.house import opened
    from interlock.app.cli.paper import aside
    from interlock.app.cli.showing.releasing import released
    from interlock.domains.ap.services.deciding import PaymentBlocked
    from interlock.kernel.errors import BadInput
    from interlock.runway.releasing_desk import ask_banks_first, releasing

    with opened() as house:
        desk = desk_of(house)
        with desk.reading(business) as at:
            at.acting(person, through="command line")  # nobody's release asks the banks
            wanted = releasing(at, None).due() if due else tuple(intents or ())
        if not wanted:
            raise BadInput("Nothing is approved whose day has come; nothing was released.")
        balance = ask_banks_first(desk, BankLinks(house), business, wanted)
        try:
            with desk.writing(business) as at:
                service = releasing(at, at.acting(person, through="command line"))
                view = service.release(wanted, balance=balance, comment=comment, acknowledge_warning=acknowledge)
        except PaymentBlocked as blocked:
            aside().print(blocked.sentence)
            raise typer.Exit(BLOCKED) from None
    answer(view, released, as_json=as_json)
    if view.decision_id is None:
        raise typer.Exit(BLOCKED)


@payment.callback()
def _payment() -> None:
    """One payment: what its witnesses say, and what people say of it."""


@payment.command("say")
def say(
    business: Business,
    payment: Annotated[str, typer.Argument(metavar="PAYMENT", help="A released payment, by id.")],
    what: Annotated[str, typer.Argument(metavar="SAID", help="take-back, not-made, look-again, returned or proven.")],
    person: As,
    comment: Annotated[
        str | None, typer.Option("--comment", metavar="TEXT", help="What you saw, or why; stays with the payment.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what you found out about a released payment, or take it back before money moves."""
    from typing import get_args

    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.showing.releasing import said_of
    from interlock.domains.ap.policy.happenings import PersonSays
    from interlock.runway.releasing_desk import releasing

    known = {each.replace("_", "-"): each for each in get_args(PersonSays)}
    if what not in known:
        raise typer.BadParameter(f"say {', '.join(known)}; not {what!r}.", param_hint="SAID")
    with writing(business) as at:
        view = releasing(at, at.acting(person, through="command line")).say(payment, known[what], comment)
    answer(view, said_of, as_json=as_json)


@paying.callback()
def _paying() -> None:
    """How a client pays its bills, and the choice of another way."""


@paying.command("show")
def show(business: Business, as_json: Json = False) -> None:
    """The way in force, and what stands against each other one."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.releasing import paying as show_it
    from interlock.runway.releasing_desk import releasing

    with reading(business) as at:
        view = releasing(at, None).get_paying_experience()
    answer(view, show_it, as_json=as_json)


@paying.command("outside")
def outside(business: Business, person: As, method: Method = "ach", as_json: Json = False) -> None:
    """A person pays at the bank, by check or in QuickBooks; nothing is instructed from here."""
    _choose(business, person, "outside", method, None, as_json=as_json)


@paying.command("hand-off")
def hand_off(
    business: Business, person: As, method: Method = "ach", account: Account = None, as_json: Json = False
) -> None:
    """Drafts at the paying rail, which its own people approve and release there."""
    _choose(business, person, "hand_off", method, account, as_json=as_json)


@paying.command("create")
def create(
    business: Business,
    person: As,
    method: Method = "ach",
    account: Account = None,
    no_accounting: Annotated[
        bool,
        typer.Option(
            "--no-accounting", help="You declare that nothing carries bills from the paying rail into QuickBooks."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Bills made at the paying rail together with their payment: the release here is the only gate."""
    _choose(business, person, "create", method, account, declares=no_accounting, as_json=as_json)


def _choose(
    business: str,
    person: str,
    way: "Way",
    method: str,
    account: str | None,
    *,
    declares: bool = False,
    as_json: bool,
) -> None:
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.showing.releasing import paying as show_it
    from interlock.domains.ap.services.paying_setup import METHODS
    from interlock.runway.releasing_desk import releasing

    wanted = next((each for each in METHODS if each == method), None)
    if wanted is None:
        raise typer.BadParameter(f"{', '.join(METHODS)}; not {method!r}.", param_hint="--method")
    with writing(business) as at:
        service = releasing(at, at.acting(person, through="command line"))
        view = service.choose(way, wanted, account, declares_no_accounting=declares)
    answer(view, show_it, as_json=as_json)
