"""``interlock propose``, ``approve``, ``schedule``, ``reject``, ``hold``, ``snooze``, ``undo``, ``impact``, ``replay`` and more.

What one person does about one client's bills. A block ends with exit code 3 and the verdict; nothing was changed then.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.people import As
from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.deciding import Approving, BatchAct, DecidingService
    from interlock.runway.services.experiences.decisions import DecisionView
    from interlock.runway.services.experiences.wishes import Ask

BLOCKED = 3

Bills = Annotated[
    list[str],
    typer.Argument(metavar="BILL[=AMOUNT]…", help="Bills by id, as the console shows them; a part with =AMOUNT."),
]
Bill = Annotated[str, typer.Argument(metavar="BILL", help="A bill's id, as the console shows it.")]
On = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="Pay on this day instead of their own pay runs."),
]
Credit = Annotated[
    list[str] | None, typer.Option("--credit", metavar="ID", help="A vendor credit to apply first; several are fine.")
]
Comment = Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="Stays with the decision.")]
Until = Annotated[
    datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help="The day it ends.")
]


def add_to(app: typer.Typer) -> None:
    for command in (impact, propose, approve, schedule, reject, hold, snooze, comment, undo, decisions, replay):
        app.command(command.__name__)(command)


def impact(business: Client, bills: Bills, on: On = None, credit: Credit = None, as_json: Json = False) -> None:
    """What approving these bills would do to the cash path; nothing is written. A block ends with exit code 3."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.deciding import verdict as show

    with reading(business) as at:
        view = at.deciding(None).impact(_asks(bills, credit), on.date() if on else None)
    answer(view, show, as_json=as_json)
    if view.outcome == "block":
        raise typer.Exit(BLOCKED)


def propose(
    business: Client,
    bills: Bills,
    person: As,
    on: On = None,
    credit: Credit = None,
    comment: Comment = None,
    as_json: Json = False,
) -> None:
    """Propose payments for somebody else to approve."""
    from interlock.runway.services.experiences.deciding import Approving

    _batch("propose", business, person, _asks(bills, credit), on, Approving(comment=comment), as_json=as_json)


def approve(
    business: Client,
    bills: Annotated[
        list[str], typer.Argument(metavar="BILL[=AMOUNT]|INTENT…", help="Bills, or payments proposed, by id.")
    ],
    person: As,
    on: On = None,
    credit: Credit = None,
    acknowledge: Annotated[bool, typer.Option("--acknowledge", help="The warning was read.")] = False,
    override: Annotated[
        str | None, typer.Option("--override", metavar="REASON", help="Approve over a block, where a role allows it.")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help="Released by then, or the override ends."),
    ] = None,
    instead_of: Annotated[
        str | None, typer.Option("--instead-of", metavar="PERSON", help="In whose place, by a delegation.")
    ] = None,
    comment: Comment = None,
    as_json: Json = False,
) -> None:
    """Approve payments as one batch, judged jointly. Nothing moves; a block ends with exit code 3 and the verdict."""
    from interlock.runway.services.experiences.deciding import Approving

    approving = Approving(acknowledge, override, until.date() if until else None, comment, instead_of)
    _batch("approve", business, person, _asks(bills, credit), on, approving, as_json=as_json)


def schedule(
    business: Client,
    bills: Bills,
    person: As,
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], metavar="DATE", help="The new day.")],
    comment: Comment = None,
    as_json: Json = False,
) -> None:
    """Move payments to another day, or propose them for it."""
    from interlock.runway.services.experiences.deciding import Approving

    _batch("schedule", business, person, _asks(bills, None), on, Approving(comment=comment), as_json=as_json)


def reject(
    business: Client,
    bills: Bills,
    person: As,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why; stays with the decision.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Turn down payments that are proposed."""
    from interlock.runway.services.experiences.deciding import Approving

    _batch("reject", business, person, _asks(bills, None), None, Approving(comment=reason), as_json=as_json)


def hold(
    business: Client,
    bill: Bill,
    person: As,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why it is held.")] = None,
    until: Until = None,
    release: Annotated[bool, typer.Option("--release", help="Lift the hold; nothing is paid by that.")] = False,
    as_json: Json = False,
) -> None:
    """Take a bill out of what can be paid, or lift the hold."""
    if release == bool(reason):
        raise typer.BadParameter("say why it is held, or --release it.", param_hint="--reason")
    day = until.date() if until else None
    _one(business, person, lambda deciding: deciding.hold(bill, reason, day), as_json=as_json)


def snooze(
    business: Client,
    bill: Bill,
    person: As,
    until: Until = None,
    wake: Annotated[bool, typer.Option("--wake", help="Back in sight now.")] = False,
    as_json: Json = False,
) -> None:
    """Put a bill out of sight until a day, or back in sight."""
    if wake == bool(until):
        raise typer.BadParameter("say until when, or --wake it.", param_hint="--until")
    day = until.date() if until else None
    _one(business, person, lambda deciding: deciding.snooze(bill, day), as_json=as_json)


def comment(
    business: Client,
    bill: Bill,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be said.")],
    person: As,
    as_json: Json = False,
) -> None:
    """Say something about a bill; it stays with its decisions."""
    _one(business, person, lambda deciding: deciding.comment(bill, text), as_json=as_json)


def undo(
    business: Client,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="As `interlock decisions` shows it.")],
    person: As,
    as_json: Json = False,
) -> None:
    """Take back one's own approval while its undo window is open."""
    _one(business, person, lambda deciding: deciding.undo(decision), as_json=as_json)


def decisions(
    business: Client,
    bill: Annotated[str | None, typer.Option("--bill", metavar="ID", help="Only those about one bill.")] = None,
    offset: Annotated[int, typer.Option(min=0, metavar="N", help="Rows to pass over.")] = 0,
    most: Annotated[int, typer.Option(min=1, max=100, metavar="N", help="Rows at most.")] = 50,
    as_json: Json = False,
) -> None:
    """Every decision of a client, the newest first."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.deciding import decisions as show

    with reading(business) as at:
        view = at.decided.get_decisions(bill_id=bill, offset=offset, most=most)
    answer(view, show, as_json=as_json)


def replay(
    business: Client,
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="As `interlock decisions` shows it.")],
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="What this policy would have said.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute a decision's verdict again from what was kept: the same, or where it differs."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.showing.deciding import replayed
    from interlock.domains.firm.policy.inherit import in_force
    from interlock.domains.firm.policy.text import read_policy
    from interlock.runway.replaying import replay as again

    with reading(business) as at:
        under = None
        if policy is not None:
            under = in_force(None, read_policy(policy.read_text(encoding="utf-8"), at.business.home_currency))
        view = again(at.session, at.business, decision, under)
    answer(view, replayed, as_json=as_json)


def _asks(said: Sequence[str], credits: Sequence[str] | None) -> "tuple[Ask, ...]":
    """Credits belong to one bill, so they are given with one."""
    from msgspec.structs import replace

    from interlock.runway.services.experiences.wishes import parsed

    asks = parsed(said)
    if credits and len(asks) != 1:
        raise typer.BadParameter("credits are applied to one bill at a time.", param_hint="--credit")
    return tuple(replace(each, credits=tuple(credits)) for each in asks) if credits else asks


def _batch(
    act: "BatchAct",
    business: str,
    person: str,
    asks: "tuple[Ask, ...]",
    on: datetime | None,
    approving: "Approving",
    *,
    as_json: bool,
) -> None:
    """One act on a batch. What the guardrail blocks is shown with its verdict, and the command ends with 3."""
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.paper import aside
    from interlock.app.cli.showing.deciding import decided, verdict
    from interlock.domains.ap.services.deciding import PaymentBlocked
    from interlock.runway.services.experiences.impact import impact_of

    try:
        with writing(business) as at:
            acting = at.acting(person, through="command line")
            made = at.deciding(acting).decide(act, asks, on.date() if on else None, approving=approving)
    except PaymentBlocked as blocked:
        answer(impact_of(blocked.judged), verdict, as_json=as_json)
        aside().print(blocked.sentence)
        raise typer.Exit(BLOCKED) from None
    answer(made, decided, as_json=as_json)


def _one(business: str, person: str, act: "Callable[[DecidingService], DecisionView]", *, as_json: bool) -> None:
    from interlock.app.cli.desk import answer, writing
    from interlock.app.cli.showing.deciding import decided

    with writing(business) as at:
        made = act(at.deciding(at.acting(person, through="command line")))
    answer(made, decided, as_json=as_json)
