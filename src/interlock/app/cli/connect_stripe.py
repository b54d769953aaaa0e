"""``interlock connect stripe`` and ``interlock disconnect stripe``."""

import getpass
import os
import sys
from typing import Annotated

import typer

KEY_FROM_ENVIRONMENT = "INTERLOCK_STRIPE_KEY"
HOOK_SECRET_FROM_ENVIRONMENT = "INTERLOCK_STRIPE_HOOK_SECRET"

_Business = Annotated[str, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")]


def add_to(connect: typer.Typer) -> None:
    connect.command("stripe")(connect_stripe)


def add_disconnect_to(disconnect: typer.Typer) -> None:
    disconnect.command("stripe")(disconnect_stripe)


def connect_stripe(
    business: _Business,
    key: Annotated[
        str,
        typer.Option(
            metavar="K",
            help=f"- reads the account's secret or restricted key from stdin; without it {KEY_FROM_ENVIRONMENT} is used.",
        ),
    ] = "",
    account: Annotated[
        str,
        typer.Option(metavar="A", help="An account (acct_…) of your Connect platform, instead of a key of its own."),
    ] = "",
    hook_secret: Annotated[
        str,
        typer.Option(
            metavar="S",
            help="- reads the signing secret (whsec_…) of the client's webhook address from stdin, after the key; without it"
            f" {HOOK_SECRET_FROM_ENVIRONMENT} is used, where it is set.",
        ),
    ] = "",
) -> None:
    """Link a client's Stripe account: everything a sync reads is tried before anything is saved."""
    from interlock.app.cli.house import actor, business_named, opened
    from interlock.app.cli.paper import aside
    from interlock.app.stripe import connect_stripe as link

    secret = "" if account else _secret(key, KEY_FROM_ENVIRONMENT, "--key", "Stripe key: ")
    if not account and not secret:
        raise typer.BadParameter(f"give - and the key on stdin, or set {KEY_FROM_ENVIRONMENT}.", param_hint="--key")
    signing = _secret(hook_secret, HOOK_SECRET_FROM_ENVIRONMENT, "--hook-secret", "Signing secret: ")
    with opened() as house:
        client = business_named(house, business)
        with aside().status("The key is tried by reading the account."):
            found = link(house, client, actor=actor(), key=secret, account=account, hook_secret=signing)
    said = f"{client.name} is connected to Stripe account {found.id} (“{found.name}”)."
    if not found.payouts:
        said += " Stripe does not pay out to it yet; what it lacks is in its dashboard."
    typer.echo(f"{said} Next: interlock sync {client.slug}")


def disconnect_stripe(
    business: _Business,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")] = False,
) -> None:
    """Forget the key, keep the history."""
    from interlock.app.cli.house import actor, business_named, opened
    from interlock.app.cli.json_out import write
    from interlock.app.stripe import disconnect_stripe as end

    with opened() as house:
        done = end(house, business_named(house, business), actor=actor())
    if as_json:
        write({"business_id": done.business_id, "revoked": done.revoked, "words": done.words})
    else:
        typer.echo(done.words)


def _secret(given: str, variable: str, option: str, prompt: str) -> str:
    """From stdin or the environment: what stands in a command line, every program on the machine can read."""
    if given == "-":
        return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().strip()
    if given:
        raise typer.BadParameter(f"a secret isn't given in the command itself: use - or {variable}.", param_hint=option)
    return os.environ.get(variable, "")
