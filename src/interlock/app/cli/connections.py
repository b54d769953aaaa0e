"""``interlock connections``, ``disconnect`` and ``capabilities``."""

from typing import Annotated

import typer

from interlock.app.cli import connect_plaid, connect_ramp, connect_stripe

disconnect = typer.Typer(no_args_is_help=True, help="End a client's link to its ledger, banks or rails.")

Json = Annotated[bool, typer.Option("--json", help="Only JSON, for programs: what the API answers.")]


def add_to(app: typer.Typer) -> None:
    app.command("connections")(connections)
    app.add_typer(disconnect, name="disconnect")
    for rail in (connect_ramp, connect_plaid, connect_stripe):
        rail.add_disconnect_to(disconnect)
    app.command("capabilities")(capabilities)


def connections(
    business: Annotated[
        str | None, typer.Argument(metavar="BUSINESS", help="One client's passport; all of them without a name.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Who is connected to what, until when, and the one act that mends what is wrong."""
    from interlock.app.cli.desk import answer, firm, reading
    from interlock.app.cli.showing import connections as showing

    if business is None:
        with firm() as at:
            answer(at.connections.get_connections_experience(), showing.show, as_json=as_json)
    else:
        with reading(business) as one:
            answer(one.connections.get_connection_experience(), showing.show_one, as_json=as_json)


@disconnect.callback()
def _disconnect() -> None:
    """End a client's link to its ledger, banks or rails."""


@disconnect.command("qbo")
def disconnect_qbo(
    business: Annotated[str, typer.Argument(metavar="BUSINESS", help="Id, short name or name of a client.")],
    as_json: Json = False,
) -> None:
    """Tell Intuit, forget the tokens, keep the history."""
    from interlock.app.cli.house import actor, opened
    from interlock.app.cli.json_out import write
    from interlock.app.disconnecting import disconnect_qbo as end

    with opened() as house:
        done = end(house, business, actor=actor())
    if as_json:
        write({"business_id": done.business_id, "revoked": done.revoked, "words": done.words})
    else:
        typer.echo(done.words)


def capabilities(
    business: Annotated[
        str | None,
        typer.Argument(metavar="BUSINESS", help="What can be had for this client; for the build without one."),
    ] = None,
    as_json: Json = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="The build's page of the documentation (docs/rails.md).")
    ] = False,
) -> None:
    """What Interlock can do now, what would make the rest possible, and what no rail's public API can do."""
    from interlock.app.abilities import abilities_of
    from interlock.app.cli.desk import answer, desk_of
    from interlock.app.cli.house import opened
    from interlock.app.cli.showing.connections import show_capabilities
    from interlock.runway.services.experiences.capabilities import CapabilitiesService

    if as_markdown:
        from interlock.app.abilities import build_abilities
        from interlock.app.cli.showing.rails_page import markdown

        if business is not None or as_json:
            raise typer.BadParameter("The page is of the build: without a client, and not as JSON.")
        typer.echo(markdown(CapabilitiesService(build_abilities()).of_build()), nl=False)
        return
    with opened() as house:
        if business is None:
            view = CapabilitiesService(abilities_of(house)).of_build()
        else:
            desk = desk_of(house)
            with desk.reading(business) as at:
                view = desk.capabilities.of_business(at.session, at.business, at.now)
    answer(view, show_capabilities, as_json=as_json)
