"""``interlock demo`` and ``interlock serve``."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from interlock.app.demo import Scene
    from interlock.app.house import House

PORT = 8600
NO_WORKERS = "Only answer; leave what is due to be synced by other workers or by hand."
_TERMINATED = 128 + signal.SIGTERM
_MOST_CLIENTS = 40


def add_to(app: typer.Typer) -> None:
    app.command("demo")(demo)
    app.command("serve")(serve)


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Print the portfolio and one digest, then end.")] = False,
    clients: Annotated[int, typer.Option(min=1, max=_MOST_CLIENTS, help="How many clients the firm has.")] = 12,
    seed: Annotated[int, typer.Option(help="Another seed, another world; the same seed, the same figures.")] = 7,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the pages are; 0 takes a free port.")] = PORT,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the demo here and go on with it next time.")
    ] = None,
    no_workers: Annotated[bool, typer.Option("--no-workers", help=NO_WORKERS)] = False,
) -> None:
    """A simulated firm and its clients, synced by the real code."""
    from contextlib import ExitStack

    from interlock.app import demo as demonstration
    from interlock.app.cli.paper import aside

    signal.signal(signal.SIGTERM, _terminated)
    with ExitStack() as ending:
        listening = None
        if not headless:
            from interlock.app import web

            listening = ending.enter_context(web.listening(port))
        aside().print(f"A world with {clients} clients is being built, seed {seed}.")
        scene = ending.enter_context(demonstration.staged(demonstration.Wish(clients, seed, data)))
        house = ending.enter_context(demonstration.opened(scene))
        _bring_in(house, scene)
        if listening is None:
            _print_headless(house)
        else:
            web.serve(
                house,
                listening,
                lambda address: _say_where(address, scene, kept=data is not None),
                workers=not no_workers,
            )


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")] = PORT,
    no_workers: Annotated[bool, typer.Option("--no-workers", help=NO_WORKERS)] = False,
) -> None:
    """The pages and the API, on this machine only; what is due is synced meanwhile."""
    from interlock.app import web
    from interlock.app.cli.house import opened

    with web.listening(port) as listening, opened() as house:
        web.serve(
            house,
            listening,
            lambda address: typer.echo(f"Interlock is at {address} (Ctrl-C ends it)."),
            workers=not no_workers,
        )


def _terminated(_number: int, _frame: FrameType | None) -> None:
    sys.exit(_TERMINATED)


def _bring_in(house: "House", scene: "Scene") -> None:
    from interlock.app import demo as demonstration
    from interlock.app.cli.desk import desk_of
    from interlock.app.cli.paper import aside, plural
    from interlock.app.cli.progress import sync_with_progress
    from interlock.app.demo_chasing import ask_customers
    from interlock.app.demo_collecting import choose_accounts, open_accounts
    from interlock.app.demo_paying import choose_ways, open_ramp_anew
    from interlock.app.demo_people import bring_people
    from interlock.app.demo_policies import bring_policies, confirm_what_recurs
    from interlock.app.demo_rails import ask_banks, link_rails

    paper = aside()
    clients = demonstration.connect_clients(house, scene.world)
    bring_people(house, clients)
    demonstration.put_in_owners_money(house, scene)
    open_ramp_anew(house, scene.url, clients)
    open_accounts(house, scene.url, clients)
    made = link_rails(house, scene.url, clients, demonstration.rails_to_link(scene))
    paper.print(
        f"{plural(len(clients), 'client')} connected over OAuth, {plural(made, 'link')} made to their banks, Ramp and Stripe."
        " Their books are being read."
    )
    for outcome in sync_with_progress(house, clients):
        if outcome.trouble is not None:
            raise outcome.trouble
    ask_banks(house, clients)
    bring_policies(house, clients)
    choose_ways(house, desk_of(house), clients)
    choose_accounts(house, clients)
    ask_customers(house, clients)
    confirmed = confirm_what_recurs(desk_of(house), clients)
    if confirmed:
        paper.print(f"The firm's policy is in force; {plural(confirmed, 'payment')} that recur confirmed.")


def _print_headless(house: "House") -> None:
    from interlock.app.cli.desk import desk_of
    from interlock.app.cli.showing import digest, portfolio

    desk = desk_of(house)
    with desk.firm() as firm:
        clients = firm.portfolio.get_portfolio_experience()
    portfolio.show(clients)
    print()
    with desk.reading(clients.clients[0].business.business_id) as business:
        digest.show(business.digest.get_digest_experience())


def _say_where(address: str, scene: "Scene", *, kept: bool) -> None:
    from interlock.app.demo import AS_OF

    typer.echo(f"\nInterlock is at {address} (Ctrl-C ends it). In its world it is {AS_OF.day} {AS_OF:%b %Y}.")
    typer.echo(f"Its QuickBooks is at {scene.url}. To use other commands with it: . {scene.environment}")
    typer.echo(f"Its mail server delivers nothing and keeps each letter in {scene.folder / 'mail'}.")
    typer.echo(
        f"Everything lives in {scene.folder}" + ("." if kept else " and goes when this ends; --data DIR keeps it.")
    )
