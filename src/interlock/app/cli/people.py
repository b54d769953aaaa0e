"""``interlock people``: who there is, what they may do at a client, who stands in for whom."""

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from interlock.app.cli.views import Client, Json

if TYPE_CHECKING:
    from interlock.runway.services.experiences.people import PeopleExperience

people = typer.Typer(no_args_is_help=True, help="People: who decides at which client.")

As = Annotated[
    str, typer.Option("--as", metavar="PERSON", help="Who acts: a handle, as `interlock people list` shows them.")
]
Handle = Annotated[str, typer.Argument(metavar="PERSON", help="A person's handle.")]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="bookkeeper, controller, advisor, client_owner, …")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(people, name="people")


@people.callback()
def _people() -> None:
    """People of the firm and of its clients. Nobody signs in yet: commands say who acts with --as."""


@people.command("list")
def list_people(
    business: Annotated[str | None, typer.Argument(metavar="[BUSINESS]", help="Roles at this client.")] = None,
    as_json: Json = False,
) -> None:
    """Everybody, or who may do what at one client."""
    from interlock.app.cli.desk import answer, firm, reading
    from interlock.app.cli.paper import out

    if business is not None:
        with reading(business) as at:
            view = at.people.get_people_experience()
        answer(view, _show, as_json=as_json)
        return
    with firm() as desk:
        found = [(each.handle, each.name, each.side, each.email or "") for each in desk.people]
    if as_json:
        import json

        print(
            json.dumps([dict(zip(("handle", "name", "side", "email"), each, strict=True)) for each in found], indent=2)
        )
        return
    if not found:
        out().print("Nobody yet. `interlock people add HANDLE NAME` makes a start.")
    for handle, name, side, email in found:
        out().print(f"{handle:<16} {name}, {side}{f', {email}' if email else ''}")


@people.command("add")
def add(
    handle: Handle,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As it is written on decisions.")],
    client: Annotated[bool, typer.Option("--client", help="Of a client, not of the firm.")] = False,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS")] = None,
) -> None:
    """Somebody new; roles come with `grant`."""
    from interlock.app.cli.house import actor, firm_id, opened
    from interlock.app.cli.paper import out
    from interlock.domains.firm.services.people_service import PeopleService
    from interlock.kernel.scope import Scope

    with opened() as house:
        firm = firm_id(house)
        with house.database.writing(Scope(firm)) as session:
            side = "client" if client else "firm"
            made = PeopleService(session, firm).add(
                handle, name, side=side, email=email, now=house.clock.now(), actor=actor()
            )
            said = f"{made.name} is {made.handle}. No role yet: interlock people grant BUSINESS {made.handle} ROLE"
    out().print(said)


@people.command("leave")
def leave(handle: Handle) -> None:
    """Somebody has left: every role ends, and what they decided stands."""
    from interlock.app.cli.house import actor, firm_id, opened
    from interlock.app.cli.paper import out
    from interlock.domains.firm.services.people_service import PeopleService
    from interlock.kernel.scope import Scope

    with opened() as house:
        firm = firm_id(house)
        with house.database.writing(Scope(firm)) as session:
            name = PeopleService(session, firm).leave(handle, now=house.clock.now(), actor=actor()).name
    out().print(f"{name} has left; their roles have ended.")


@people.command("grant")
def grant(business: Client, handle: Handle, role: RoleName) -> None:
    """Give a role at one client."""
    from interlock.app.cli.desk import writing
    from interlock.app.cli.house import actor
    from interlock.app.cli.paper import out

    with writing(business) as at:
        at.people_service.grant(at.business.business_id, handle, role, now=at.now, actor=actor())
        said = f"{at.people_service.find(handle).name} is now {role.replace('_', ' ')} at {at.business.name}."
    out().print(said)


@people.command("revoke")
def revoke(business: Client, handle: Handle, role: RoleName) -> None:
    """Take a role back; what was decided in it stands."""
    from interlock.app.cli.desk import writing
    from interlock.app.cli.house import actor
    from interlock.app.cli.paper import out

    with writing(business) as at:
        at.people_service.revoke(at.business.business_id, handle, role, now=at.now, actor=actor())
        said = f"{at.people_service.find(handle).name} is no longer {role.replace('_', ' ')} at {at.business.name}."
    out().print(said)


@people.command("delegate")
def delegate(
    business: Client,
    to: Annotated[str, typer.Argument(metavar="TO", help="Who approves in your place.")],
    limit: Annotated[str, typer.Option(metavar="AMOUNT", help="Each payment up to this, in home currency.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Its last day.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; shown beside every approval given.")],
    as_person: As,
) -> None:
    """Let another approve in your place. It adds no right that either lacks, and never a second vote."""
    from zoneinfo import ZoneInfo

    from interlock.app.cli.desk import writing
    from interlock.app.cli.paper import out
    from interlock.kernel.money import Money

    with writing(business) as at:
        ends = datetime.combine(until.date(), time(23, 59, 59), ZoneInfo(at.business.time_zone)).astimezone(UTC)
        made = at.people.delegate(
            at.acting(as_person, through="command line"),
            to,
            limit=Money.of(limit, at.business.home_currency),
            reason=reason,
            starts_at=at.now,
            ends_at=ends,
        )
    out().print(
        f"{made.to_name} approves in place of {made.from_name}, each payment up to {made.limit}. {made.delegation_id}"
    )


@people.command("end-delegation")
def end_delegation(
    business: Client, delegation_id: Annotated[str, typer.Argument(metavar="DELEGATION_ID")], as_person: As
) -> None:
    """Take a delegation back."""
    from interlock.app.cli.desk import writing
    from interlock.app.cli.paper import out

    with writing(business) as at:
        at.people.end_delegation(delegation_id, by=at.acting(as_person, through="command line"))
    out().print("Taken back. What was approved under it stands.")


def _show(view: "PeopleExperience") -> None:
    from interlock.app.cli.paper import out

    out().print(view.ask)
    out().print(view.say)
    for each in view.people:
        out().print(f"{each.handle:<16} {each.name}, {', '.join(each.roles)}: {', '.join(each.may) or 'look'}")
    for standing in view.delegations:
        out().print(
            f"{standing.to_name} approves in place of {standing.from_name}, each up to {standing.limit}: {standing.reason}"
        )
