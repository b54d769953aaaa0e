"""What a route is given: the desk, and who is acting."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from interlock.rails.ports import Connects
from interlock.runway.desk import Desk

# Until people sign in, whoever passed the gate is the person at this machine; the log says so.
ACTOR = "person at this machine"


def the_desk(request: Request) -> Desk:
    """The firm's desk; ``NotFound`` while the installation has no firm."""
    open_desk: Callable[[], Desk] = request.app.state.desk
    return open_desk()


def follow_clock(request: Request) -> None:
    """Before anything dated is written: a demo follows the sandbox's clock."""
    follow: Callable[[], None] = request.app.state.follow_clock
    follow()


def the_connects(request: Request) -> Connects:
    """What links businesses to their ledgers."""
    connects: Connects = request.app.state.connects
    return connects


TheDesk = Annotated[Desk, Depends(the_desk)]
TheConnects = Annotated[Connects, Depends(the_connects)]
