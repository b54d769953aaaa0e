"""``interlock worker``: one more process that does what is due."""

import signal
import threading
from types import FrameType
from typing import Annotated

import typer

_MOST_SIDE_BY_SIDE = 64
_LET_END_SECONDS = 10.0


def add_to(app: typer.Typer) -> None:
    app.command("worker")(worker)


def worker(
    side_by_side: Annotated[
        int, typer.Option(min=1, max=_MOST_SIDE_BY_SIDE, help="How many clients are synced at the same time.")
    ] = 8,
) -> None:
    """Do what is due, beside other workers: syncs, payments, pay runs, letters (PostgreSQL only)."""
    from interlock.app.cli.house import opened
    from interlock.app.worker import Workers
    from interlock.kernel.errors import Refused

    ending = threading.Event()
    interrupted = False

    def end(number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = number == signal.SIGINT
        ending.set()

    with opened() as house:
        if house.database.dialect == "sqlite":
            raise Refused(
                "On SQLite one process does everything: `interlock serve` does what is due itself; "
                "`interlock worker` needs PostgreSQL."
            )
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        here = Workers(house, side_by_side=side_by_side)
        here.start()
        here.settled.wait()
        if here.failed is None:
            typer.echo(f"Working as {here.executor_id}, {side_by_side} clients side by side (Ctrl-C ends it).")
            ending.wait()
        here.stop(_LET_END_SECONDS)
        if here.failed is not None:
            raise here.failed
    if interrupted:
        raise KeyboardInterrupt
