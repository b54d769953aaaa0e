"""``interlock prove``: hold the mirror against QuickBooks' own totals. ``interlock inbox``: what QuickBooks told us unasked."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Only JSON, for programs: what the API answers.")]


def add_to(app: typer.Typer) -> None:
    app.command("prove")(prove)
    app.command("inbox")(inbox)


def prove(
    business: Annotated[str, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")],
    as_json: Json = False,
) -> None:
    """Hold a client's books here against QuickBooks' own counts, agings and balance sheet; mend what differs, tell the rest."""
    from interlock.app.cli.desk import answer, desk_of
    from interlock.app.cli.house import opened
    from interlock.app.cli.showing.proof import proof
    from interlock.runway.services.experiences.proof import ProofExperience

    with opened() as house:
        desk = desk_of(house)
        report = desk.prove(business)
        with desk.reading(business) as at:
            view = ProofExperience.of(report, at.business, at.tied)
    answer(view, proof, as_json=as_json)
    if view.complete is False:
        raise typer.Exit(1)


def inbox(
    business: Annotated[
        str | None, typer.Argument(metavar="BUSINESS", help="A client; without one, all of the firm's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What QuickBooks said changed, and what was done with it; without a client also what is about companies unknown here."""
    from interlock.app.cli.desk import answer, reading
    from interlock.app.cli.house import firm_id, opened
    from interlock.app.cli.showing.proof import notices
    from interlock.kernel.scope import Scope, SystemScope
    from interlock.rails import inbox as kept
    from interlock.runway.services.experiences.inbox import MOST_NOTICES, QBO, told

    if business is not None:
        with reading(business) as at:
            view = at.inbox.get_inbox_experience()
    else:
        with opened() as house:
            firm = Scope(firm_id(house))
            with house.database.reading(SystemScope("notices of companies unknown here too")) as session:
                found = kept.latest(session, firm, QBO, MOST_NOTICES) + kept.latest(session, None, QBO, MOST_NOTICES)
                newest = sorted(found, key=lambda notice: notice.received_at, reverse=True)[:MOST_NOTICES]
                view = told(newest, kept.waiting(session, firm, QBO))
    answer(view, notices, as_json=as_json)
