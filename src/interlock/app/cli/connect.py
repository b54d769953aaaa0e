"""``interlock connect qbo``, its like for other rails, and ``interlock business list``."""

import getpass
import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interlock.app.cli import connect_plaid, connect_ramp, connect_stripe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interlock.app.house import House
    from interlock.domains.firm.models import Business

PORT = 8600
TOKEN_FROM_ENVIRONMENT = "INTERLOCK_QBO_REFRESH_TOKEN"

connect = typer.Typer(no_args_is_help=True, help="Link a client's ledger, banks and rails.")
business = typer.Typer(no_args_is_help=True, help="The firm's clients.")


def add_to(app: typer.Typer) -> None:
    app.add_typer(connect, name="connect")
    for rail in (connect_ramp, connect_plaid, connect_stripe):
        rail.add_to(connect)
    app.add_typer(business, name="business")


@connect.callback()
def _connect() -> None:
    """Link a client's ledger, banks and rails."""


@connect.command("qbo")
def connect_qbo(
    names: Annotated[
        list[str] | None,
        typer.Option("--business", metavar="NAME", help="The client's name; a known one gets a new grant."),
    ] = None,
    realm_id: Annotated[
        str, typer.Option("--realm-id", metavar="R", help="QuickBooks' number of the company, with a refresh token.")
    ] = "",
    refresh_token: Annotated[
        str,
        typer.Option(
            metavar="T",
            help=f"The grant's refresh token; - reads it from stdin, and without the option {TOKEN_FROM_ENVIRONMENT} is used.",
        ),
    ] = "",
    control_start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="First day to answer for; today unless said."),
    ] = None,
    firm: Annotated[
        str | None, typer.Option(metavar="NAME", help="Your firm's name; used with the first client.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser", help="Consent at Intuit in a browser; --business may be given several times.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="With --browser: where its pages are; Intuit must know that address.")
    ] = PORT,
) -> None:
    """Connect a QuickBooks company: with --browser at Intuit's own page, else with a grant that you bring.

    Either way it is tried before anything is saved.
    """
    from interlock.app.cli.house import actor, opened

    if browser:
        from interlock.app.cli.consenting import connect_in_browser

        if realm_id or refresh_token:
            raise typer.BadParameter("Intuit's page gives company and token itself.", param_hint="--browser")
        with opened() as house:
            if not connect_in_browser(house, names or [""], port=port, actor=actor(), firm_name=firm or ""):
                raise typer.Exit(1)
        return
    _bring(names or [], realm_id, refresh_token, control_start, firm)


def _bring(
    names: list[str], realm_id: str, refresh_token: str, control_start: datetime | None, firm: str | None
) -> None:
    """Take a grant that exists already."""
    from interlock.app import connecting
    from interlock.app.cli.house import actor, opened
    from interlock.app.cli.paper import aside

    if len(names) != 1:
        raise typer.BadParameter("name one client; several at once need --browser.", param_hint="--business")
    if not realm_id:
        raise typer.BadParameter("which company is it? Or connect it with --browser.", param_hint="--realm-id")
    token = _token(refresh_token)
    with opened() as house, aside().status("The grant is tried by reading the company's settings."):
        taken = connecting.connect_qbo(
            house,
            name=names[0],
            realm_id=realm_id,
            refresh_token=token,
            actor=actor(),
            control_start=control_start.date() if control_start else None,
            firm_name=firm,
        )
    typer.echo(f"{taken.name} is connected to QuickBooks company {realm_id}. Next: interlock sync {taken.slug}")


@business.callback()
def _business() -> None:
    """The firm's clients."""


@business.command("list")
def business_list(as_json: Annotated[bool, typer.Option("--json", help="Only JSON, for programs.")] = False) -> None:
    """Every client with its connection and freshness."""
    from interlock.app.cli.house import businesses, opened
    from interlock.app.cli.json_out import write

    with opened() as house:
        listed = _listed(house, businesses(house))
    if as_json:
        write({"businesses": listed})
    else:
        _print(listed)


def _token(given: str) -> str:
    if given == "-":
        return getpass.getpass("Refresh token: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    token = given or os.environ.get(TOKEN_FROM_ENVIRONMENT, "")
    if not token:
        raise typer.BadParameter(
            f"give one, or - to read it from stdin, or set {TOKEN_FROM_ENVIRONMENT}.", param_hint="--refresh-token"
        )
    return token


def _listed(house: "House", clients: "Sequence[Business]") -> list[dict[str, Any]]:
    from interlock.domains.qbo.mapper import RAIL
    from interlock.kernel.scope import Scope
    from interlock.rails.connections import Connection

    rows: list[dict[str, Any]] = []
    for client in clients:
        with house.database.reading(Scope(client.firm_id, client.business_id)) as session:
            connection = session.get(Connection, (client.business_id, RAIL))
            linked = (
                None
                if connection is None
                else {
                    "rail": RAIL,
                    "realm_id": connection.external_id,
                    "state": connection.state,
                    "trouble": connection.trouble,
                }
            )
        fresh = house.sync_of(client).freshness()
        rows.append(
            {
                "id": client.business_id,
                "slug": client.slug,
                "name": client.name,
                "home_currency": client.home_currency,
                "time_zone": client.time_zone,
                "control_start": client.control_start,
                "connection": linked,
                "last_sync": fresh.last_sync,
                "freshness": fresh.words,
                "stale": fresh.stale,
            }
        )
    return rows


def _print(rows: list[dict[str, Any]]) -> None:
    from interlock.app.cli.paper import Sheet, day, out, plural

    sheet = Sheet("Client", "Short name", "Currency", "QuickBooks company", "State", "Synced", "Answered for since")
    for row in rows:
        linked = row["connection"] or {"realm_id": "–", "state": "not connected"}
        sheet.add(
            row["name"], row["slug"], row["home_currency"], linked["realm_id"], linked["state"],
            row["freshness"], day(row["control_start"]),
        )  # fmt: skip
    paper = out()
    paper.print(sheet)
    paper.print(f"\n{plural(len(rows), 'client')}.")
