"""What a route is given: the desk, and who is acting."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from interlock.domains.firm.acting import Acting
from interlock.kernel.errors import Refused
from interlock.rails.ports import Connects
from interlock.runway.desk import BusinessDesk, Desk

# Until people sign in, whoever passed the gate is the person at this machine; the log says so.
ACTOR = "person at this machine"
PERSON_HEADER = "interlock-person"
PERSON_COOKIE = "interlock_person"


class Nobody(Refused):
    """An act that needs a person, and none is named."""

    code = "who"

    def __init__(self) -> None:
        super().__init__(
            "Say who you are: choose a person at the top of the page, or send their handle as Interlock-Person. "
            "Nothing was changed."
        )


def the_desk(request: Request) -> Desk:
    """The firm's desk; ``NotFound`` while the installation has no firm. What it writes takes the request's key, if it has one."""
    open_desk: Callable[[], Desk] = request.app.state.desk
    desk, claim = open_desk(), getattr(request.state, "claim", None)
    return desk if claim is None else desk.claiming(claim)


def follow_clock(request: Request) -> None:
    """Before anything dated is written: a demo follows the sandbox's clock."""
    follow: Callable[[], None] = request.app.state.follow_clock
    follow()


def the_connects(request: Request) -> Connects:
    """What links businesses to their ledgers."""
    connects: Connects = request.app.state.connects
    return connects


def named(request: Request) -> str | None:
    """The handle of who acts: the API's header, else what was chosen at the top of the page. Nobody signs in yet."""
    return request.headers.get(PERSON_HEADER) or request.cookies.get(PERSON_COOKIE) or None


def acting(at: BusinessDesk, who: str | None) -> Acting:
    """Who acts at this client; ``Nobody`` when nobody is named, ``NotFound`` or ``Refused`` for one without a role here."""
    if who is None:
        raise Nobody
    return at.acting(who, through="this machine")


TheDesk = Annotated[Desk, Depends(the_desk)]
TheConnects = Annotated[Connects, Depends(the_connects)]
Who = Annotated[str | None, Depends(named)]
