"""``interlock connect ramp`` and ``interlock disconnect ramp``."""

import getpass
import os
import sys
from typing import Annotated

import typer

SECRET_FROM_ENVIRONMENT = "INTERLOCK_RAMP_CLIENT_SECRET"
HOOK_SECRET_FROM_ENVIRONMENT = "INTERLOCK_RAMP_HOOK_SECRET"

_Business = Annotated[str, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")]


def add_to(connect: typer.Typer) -> None:
    connect.command("ramp")(connect_ramp)


def add_disconnect_to(disconnect: typer.Typer) -> None:
    disconnect.command("ramp")(disconnect_ramp)


def connect_ramp(
    business: _Business,
    client_id: Annotated[
        str, typer.Option("--client-id", metavar="ID", help="Of the app that the client has in Ramp (Developer).")
    ],
    client_secret: Annotated[
        str,
        typer.Option(
            "--client-secret",
            metavar="S",
            help=f"- reads the app's secret from stdin; without it {SECRET_FROM_ENVIRONMENT} is used.",
        ),
    ] = "",
    hook_secret: Annotated[
        str,
        typer.Option(
            "--hook-secret",
            metavar="S",
            help="- reads the secret of the client's webhook subscription from stdin, after the app's; without it"
            f" {HOOK_SECRET_FROM_ENVIRONMENT} is used, where it is set.",
        ),
    ] = "",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Ask for no scope that writes: nothing is paid or handed off.")
    ] = False,
    notices: Annotated[
        bool,
        typer.Option(
            "--notices", help="Have Ramp tell of changes, at INTERLOCK_PUBLIC_URL, which has to be served then."
        ),
    ] = False,
) -> None:
    """Link a client's Ramp: everything a sync reads is tried before anything is saved."""
    secret = _secret(client_secret, SECRET_FROM_ENVIRONMENT, "--client-secret", "Client secret: ")
    if not secret:
        raise typer.BadParameter(
            f"give - and the secret on stdin, or set {SECRET_FROM_ENVIRONMENT}.", param_hint="--client-secret"
        )
    signing = _secret(hook_secret, HOOK_SECRET_FROM_ENVIRONMENT, "--hook-secret", "Webhook secret: ")
    keys = {"client_id": client_id, "client_secret": secret, "hook_secret": signing}
    typer.echo(_link(business, keys, read_only=read_only, notices=notices))


def _link(business: str, keys: dict[str, str], *, read_only: bool, notices: bool) -> str:
    """Connect, and subscribe where that is wanted; what to tell the person."""
    from interlock.app.cli.house import actor, business_named, opened
    from interlock.app.cli.paper import aside
    from interlock.app.ramp import connect_ramp as link
    from interlock.app.ramp_notices import subscribe_ramp

    with opened() as house:
        client = business_named(house, business)
        with aside().status("The app is tried by reading vendors, bills and bank accounts."):
            found = link(house, client, actor=actor(), **keys, read_only=read_only)
        said = f"{client.name} is connected to Ramp business {found.id} (“{found.name}”)."
        if notices:
            made = subscribe_ramp(house, client, actor=actor())
            said += f" It is subscribed to Ramp's notices ({made.id}), which come once Ramp has proved the address."
    return f"{said} Next: interlock sync {client.slug}"


def disconnect_ramp(
    business: _Business,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")] = False,
) -> None:
    """Revoke the token, forget the app's keys, keep the history."""
    from interlock.app.cli.house import actor, business_named, opened
    from interlock.app.cli.json_out import write
    from interlock.app.ramp import disconnect_ramp as end

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
