"""``interlock connect plaid`` and ``interlock disconnect plaid``."""

import getpass
import os
import sys
import threading
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from interlock.app.house import House
    from interlock.domains.firm.models import Business
    from interlock.rails.bank_links import BankLink

TOKEN_FROM_ENVIRONMENT = "INTERLOCK_PLAID_PUBLIC_TOKEN"
_LOOK_SECONDS = 2.0

_Business = Annotated[str, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")]
_Json = Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")]


def add_to(connect: typer.Typer) -> None:
    connect.command("plaid")(connect_plaid)


def add_disconnect_to(disconnect: typer.Typer) -> None:
    disconnect.command("plaid")(disconnect_plaid)


def connect_plaid(
    business: _Business,
    relink: Annotated[
        str,
        typer.Option(metavar="BANK", help="A bank that wants its owner to log in again: its name, or the login's id."),
    ] = "",
    public_token: Annotated[
        str,
        typer.Option(
            metavar="T",
            help="- reads a public token that you bring from a Link of your own from stdin;"
            f" {TOKEN_FROM_ENVIRONMENT} does as well.",
        ),
    ] = "",
    new_token: Annotated[
        str,
        typer.Option(
            metavar="BANK",
            help="Exchange the access token of this bank's login for a new one; the old one is dead at once.",
        ),
    ] = "",
    wait: Annotated[
        bool,
        typer.Option("--wait/--no-wait", help="Wait until the bank's page was used; else only its address is told."),
    ] = True,
) -> None:
    """Link a client's bank: prints the address of Plaid's own page, waits until somebody logged in there, and finishes."""
    from interlock.app.bank_taking import connect_plaid as bring
    from interlock.app.cli.house import actor, business_named, opened

    token = _token(public_token)
    with opened() as house:
        client = business_named(house, business)
        if new_token:
            _exchanged(house, client, new_token, actor())
            return
        if token:
            taken = bring(house, client, public_token=token, actor=actor())
            typer.echo(f"{taken.words} Next: interlock sync {client.slug}")
            return
        link = _sent(house, client, relink, actor())
        typer.echo(
            f"Open this page and log in to the bank, or have its owner do so; it is good until {link.expires_at:%H:%M} UTC:"
        )
        typer.echo(link.url)
        if not wait:
            return
        typer.echo("Waiting until it was used; Ctrl-C ends only this command, and the page stays good.")
        link = _until_done(house, link)
        typer.echo(link.said)
        if link.standing != "connected":
            raise typer.Exit(1)
        typer.echo(f"Next: interlock sync {client.slug}")


def disconnect_plaid(
    business: _Business,
    bank: Annotated[
        str, typer.Option(metavar="BANK", help="Only this bank: its name, or the login's id; all of them without it.")
    ] = "",
    as_json: _Json = False,
) -> None:
    """Tell Plaid, forget the tokens, keep what was read."""
    from interlock.app.bank_taking import disconnect_plaid as end
    from interlock.app.bank_taking import unlink
    from interlock.app.cli.house import actor, business_named, opened
    from interlock.app.cli.json_out import write
    from interlock.kernel.scope import Scope

    with opened() as house:
        client = business_named(house, business)
        if bank:
            scope = Scope(client.firm_id, client.business_id)
            ended = unlink(house, scope, _login(house, client, bank), actor())
            told, words = ended.told, ended.words
        else:
            done = end(house, client, actor=actor())
            told, words = done.revoked, done.words
    if as_json:
        write({"business_id": client.business_id, "revoked": told, "words": words})
    else:
        typer.echo(words)


def _exchanged(house: "House", client: "Business", bank: str, who: str) -> None:
    from interlock.app.bank_taking import rotate_token
    from interlock.kernel.scope import Scope

    scope = Scope(client.firm_id, client.business_id)
    rotate_token(house, scope, _login(house, client, bank), who)
    typer.echo(f"{bank} of {client.name} is read with a new token; the old one is dead.")


def _sent(house: "House", client: "Business", relink: str, who: str) -> "BankLink":
    from interlock.app.bank_links import BankLinks

    item_id = _login(house, client, relink) if relink else None
    return BankLinks(house).begin(client.business_id, actor=who, item_id=item_id)


def _until_done(house: "House", link: "BankLink") -> "BankLink":
    from interlock.app.bank_links import BankLinks
    from interlock.rails.errors import Unavailable

    pause = threading.Event()
    while link.standing == "waiting":
        pause.wait(_LOOK_SECONDS)
        try:
            link = BankLinks(house).finish(link.link_id)
        except Unavailable as trouble:
            typer.echo(f"{trouble.sentence} Asking again.", err=True)
    return link


def _login(house: "House", client: "Business", wanted: str) -> str:
    from interlock.domains.plaid.mapper import RAIL
    from interlock.kernel.errors import NotFound
    from interlock.kernel.scope import Scope
    from interlock.rails import items

    scope = Scope(client.firm_id, client.business_id)
    with house.database.reading(scope) as session:
        known = [(each.item_id, each.institution) for each in items.of_business(session, scope, RAIL)]
    found = [item_id for item_id, name in known if wanted == item_id or wanted.casefold() == name.casefold()]
    if len(found) != 1:
        names = ", ".join(f"{name} ({item_id})" for item_id, name in known) or "none"
        raise NotFound(f"{client.name} has {'no' if not found else 'more than one'} bank {wanted!r}; linked: {names}.")
    return found[0]


def _token(given: str) -> str:
    """From stdin or the environment: what stands in a command line, every program on the machine can read."""
    if given == "-":
        return getpass.getpass("Public token: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    if given:
        raise typer.BadParameter(
            f"a token isn't given in the command itself: use - or {TOKEN_FROM_ENVIRONMENT}.",
            param_hint="--public-token",
        )
    return os.environ.get(TOKEN_FROM_ENVIRONMENT, "")
