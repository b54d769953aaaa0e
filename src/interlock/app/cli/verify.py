"""``interlock verify``: whether a linked account exists and is whose it is said to be."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from interlock.domains.bank.services.account_verification_service import Verification


def add_to(app: typer.Typer) -> None:
    app.command("verify")(verify)


def verify(
    business: Annotated[str, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")],
    account: Annotated[
        str,
        typer.Argument(
            metavar="ACCOUNT", help="The account's id, its last digits or its name; without it, earlier checks."
        ),
    ] = "",
    owner: Annotated[
        str, typer.Option(metavar="NAME", help="Who is said to own it; the client itself unless said.")
    ] = "",
    email: Annotated[str, typer.Option(metavar="E", help="Their e-mail address, to be compared too.")] = "",
    phone: Annotated[str, typer.Option(metavar="P", help="Their phone, with its country: +14155550123.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON, for programs: what the API answers.")] = False,
) -> None:
    """Ask the bank whether an account exists and its owner matches; what it said is kept with a log line."""
    from interlock.app.cli.house import actor, opened
    from interlock.app.verifying import Verifying
    from interlock.rails.links import OwnerClaim
    from interlock.runway.services.experiences.bank_links import ChecksView, CheckView

    with opened() as house:
        verifying = Verifying(house)
        if not account:
            found = list(verifying.checks(business))
        else:
            client = owner.strip()
            claim = OwnerClaim(client, email.strip() or None, phone.strip() or None) if client else None
            if claim is None and (email or phone):
                raise typer.BadParameter("whose is it? Name the owner too.", param_hint="--owner")
            found = [verifying.verify(business, account, claim, actor=actor())]
    if as_json:
        views = tuple(CheckView.of(each) for each in found)
        print((views[0] if account else ChecksView(checks=views)).model_dump_json(indent=2))
    else:
        _print(found)


def _print(found: "list[Verification]") -> None:
    if not found:
        typer.echo("No account of this client was checked yet.")
    for each in found:
        mask = f" (…{each.mask})" if each.mask else ""
        typer.echo(f"{each.checked_at:%Y-%m-%d %H:%M} UTC  {each.institution}, {each.account}{mask}: {each.words}")
