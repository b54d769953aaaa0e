"""``interlock payee``: vendors whose details changed, and the call-back that a second person clears."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.people import As
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.payees import CallbackDone, PayeesExperience

payee = typer.Typer(no_args_is_help=True, help="Payees: who changed how they are paid, and the call-backs.")

CallbackId = Annotated[str, typer.Argument(metavar="CALLBACK_ID", help="As `interlock payee list` shows it.")]
Comment = Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(payee, name="payee")


@payee.callback()
def _payee() -> None:
    """A change of payee stops every open bill of the vendor until it was called back and a second person cleared the call."""


@payee.command("list")
def list_payees(business: Client, as_json: Json = False) -> None:
    """Vendors to call back, and those that were."""
    from interlock.app.cli.desk import answer, reading

    with reading(business) as at:
        view = at.payees.get_payees_experience()
    answer(view, _show, as_json=as_json)


@payee.command("callback")
def callback(
    business: Client,
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="Its id, or its whole name.")],
    number: Annotated[str, typer.Option("--number", metavar="TEXT", help="The number called.")],
    number_from: Annotated[
        str, typer.Option("--from", metavar="TEXT", help="on file before the change, contract, or public register.")
    ],
    spoke_to: Annotated[str, typer.Option("--spoke-to", metavar="NAME", help="Who answered.")],
    person: As,
    outcome: Annotated[str, typer.Option(metavar="WORD", help="confirmed, denied or not_reached.")] = "confirmed",
    called_on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="Today unless said.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Record that you called the vendor, on a number that didn't come with the change."""
    from interlock.app.cli.desk import answer, writing

    with writing(business) as at:
        done = at.payees.record(
            vendor,
            at.acting(person, through="command line"),
            number_called=number,
            number_from=number_from,
            spoke_to=spoke_to,
            called_on=called_on.date() if called_on else None,
            outcome=outcome,
        )
    answer(done, _done, as_json=as_json)


@payee.command("clear")
def clear(
    business: Client, callback_id: CallbackId, person: As, comment: Comment = None, as_json: Json = False
) -> None:
    """You are satisfied with the call that somebody else recorded."""
    from interlock.app.cli.desk import answer, writing

    with writing(business) as at:
        done = at.payees.clear(callback_id, at.acting(person, through="command line"), comment=comment)
    answer(done, _done, as_json=as_json)


@payee.command("refuse")
def refuse(
    business: Client, callback_id: CallbackId, person: As, comment: Comment = None, as_json: Json = False
) -> None:
    """You are not satisfied; the vendor stays stopped."""
    from interlock.app.cli.desk import answer, writing

    with writing(business) as at:
        done = at.payees.refuse(callback_id, at.acting(person, through="command line"), comment=comment)
    answer(done, _done, as_json=as_json)


def _done(done: "CallbackDone") -> None:
    from interlock.app.cli.paper import out

    out().print(f"{done.words} ({done.callback_id})")


def _show(view: "PayeesExperience") -> None:
    from interlock.app.cli.paper import day, out

    paper = out()
    paper.print(view.say)
    for each in view.payees:
        paper.print("", f"{each.vendor} ({each.vendor_id}): {each.standing}. {each.say}")
        for call in each.callbacks:
            state = "waits for a second person" if call.cleared is None else "cleared" if call.cleared else "refused"
            paper.print(
                f"  {call.callback_id}  {day(call.called_on)}  {call.number_called} ({call.number_from}),"
                f" {call.spoke_to}, {call.outcome.replace('_', ' ')}; by {call.recorded_by}; {state}"
            )
