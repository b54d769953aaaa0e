"""What we ask of the collecting rail, as a pure function: ``step(stand, event, now)`` gives where an order stands then.

An order whose fate isn't known is looked up by its key before anything is sent again; when that doesn't help, a person is asked.
What is to be done outside stands in it as ``todo`` and ``due_at``.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

Act = Literal["invoice", "void", "uncollectible", "refund"]
State = Literal["proposed", "half", "approved", "committed", "standing", "refused", "unknown", "withdrawn", "voided"]
Todo = Literal["send", "look_up"]
PersonSays = Literal["look_again", "not_made"]

UNDECIDED: frozenset[str] = frozenset({"proposed", "half"})
WITHDRAWABLE: frozenset[str] = frozenset({"proposed", "half", "approved"})
LIVE: frozenset[str] = frozenset({"proposed", "half", "approved", "committed", "unknown"})
"""Still to come, or nobody knows: no second one of the same thing beside it."""
TRIES_MOST = 12
"""After so many a person is asked; with the pauses between them, most of a day."""
LEAVES_WITHIN = timedelta(minutes=2)
"""So long after it was committed that a call is about to be made, it may be made; who was held up longer looks it up."""
LOOKED_UP_AFTER = timedelta(minutes=10)
"""An order without an answer is looked up then. Longer than any call lives."""
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=4)
_DOUBLINGS_MOST = 8


class Stand(Struct, frozen=True):
    """Where an order stands. ``attempt`` grows with each thing done outside; ``committed_at``: when it was first begun."""

    act: Act
    state: State = "proposed"
    todo: Todo | None = None
    due_at: datetime | None = None
    attempt: int = 0
    undo_until: datetime | None = None
    committed_at: datetime | None = None


class SaidYes(Struct, frozen=True, tag=True):
    """A person approved; ``complete``: as many as the policy asks for. What asks for no release is done after ``undo_until``."""

    complete: bool
    undo_until: datetime


class LetGo(Struct, frozen=True, tag=True):
    """A person released money that leaves."""


class Withdrawn(Struct, frozen=True, tag=True):
    """A person takes it back before anything was begun."""


class HeldBack(Struct, frozen=True, tag=True):
    """What it rests on changed before it went out."""


class Begun(Struct, frozen=True, tag=True):
    """It is about to be sent."""


class Made(Struct, frozen=True, tag=True):
    """The rail shows it."""


class Declined(Struct, frozen=True, tag=True):
    """The rail refused: certainly nothing was done."""


class Lost(Struct, frozen=True, tag=True):
    """No usable answer. ``after_seconds``: the pause that the rail asked for."""

    after_seconds: float | None = None


class Absent(Struct, frozen=True, tag=True):
    """Looked up by its key, nothing stands there."""


class Partly(Struct, frozen=True, tag=True):
    """Looked up, it was begun there and is not whole: the same order completes it."""


class PersonSaid(Struct, frozen=True, tag=True):
    """What a person found out of an order that nobody knew about."""

    says: PersonSays


Event = SaidYes | LetGo | Withdrawn | HeldBack | Begun | Made | Declined | Lost | Absent | Partly | PersonSaid


def step(stand: Stand, event: Event, now: datetime) -> Stand:
    """What follows from an event. What others say may come twice or late; what changes nothing gives the same stand."""
    return _RULES[type(event)](stand, event, now)


def _said_yes(stand: Stand, event: SaidYes, now: datetime) -> Stand:
    del now
    if stand.state not in UNDECIDED:
        return stand
    if not event.complete:
        return replace(stand, state="half")
    after = replace(stand, state="approved", undo_until=event.undo_until)
    return after if stand.act == "refund" else replace(after, todo="send", due_at=event.undo_until)


def _let_go(stand: Stand, event: LetGo, now: datetime) -> Stand:
    del event
    waits = stand.undo_until is not None and now < stand.undo_until
    if stand.act != "refund" or stand.state != "approved" or waits:
        return stand
    return replace(stand, state="committed", todo="send", due_at=now)


def _withdrawn(stand: Stand, event: Withdrawn, now: datetime) -> Stand:
    del event, now
    return _ended(stand, "withdrawn") if stand.state in WITHDRAWABLE else stand


def _held_back(stand: Stand, event: HeldBack, now: datetime) -> Stand:
    """Begun once and found absent or unfinished, it is known what stands; nothing goes on by itself."""
    del event, now
    if stand.state in WITHDRAWABLE or (stand.state == "committed" and stand.attempt == 0):
        return _ended(stand, "voided")
    return _ended(stand, "refused") if stand.state == "committed" and stand.todo == "send" else stand


def _begun(stand: Stand, event: Begun, now: datetime) -> Stand:
    del event
    if stand.todo != "send" or stand.state not in {"approved", "committed"}:
        return stand
    return replace(
        stand,
        state="committed",
        todo=_looking(stand),
        due_at=now + LOOKED_UP_AFTER,
        attempt=stand.attempt + 1,
        committed_at=stand.committed_at or now,
    )


def _made(stand: Stand, event: Made, now: datetime) -> Stand:
    """True whenever it comes: what a person gave up stands there after all."""
    del event, now
    return _ended(stand, "standing") if stand.attempt else stand


def _declined(stand: Stand, event: Declined, now: datetime) -> Stand:
    del event, now
    return _ended(stand, "refused") if stand.state in {"committed", "unknown"} else stand


def _lost(stand: Stand, event: Lost, now: datetime) -> Stand:
    if stand.state != "committed":
        return stand
    if stand.attempt >= TRIES_MOST:
        return _ended(stand, "unknown")
    pause: timedelta = min(_FIRST_PAUSE * 2 ** min(stand.attempt, _DOUBLINGS_MOST), _LONGEST_PAUSE)
    if event.after_seconds is not None:
        pause = max(pause, min(timedelta(seconds=event.after_seconds), _LONGEST_PAUSE))
    return replace(stand, todo=_looking(stand), due_at=now + pause)


def _not_there(stand: Stand, event: Absent | Partly, now: datetime) -> Stand:
    """The same key again: the rail answers it once, and refuses it when the key is too old to tell."""
    del event
    if stand.state != "committed" or stand.todo != "look_up":
        return stand
    if stand.attempt >= TRIES_MOST:
        return _ended(stand, "unknown")
    return replace(stand, todo="send", due_at=now)


def _person_said(stand: Stand, event: PersonSaid, now: datetime) -> Stand:
    if stand.state != "unknown":
        return stand
    if event.says == "not_made":
        return _ended(stand, "refused")
    return replace(stand, state="committed", todo=_looking(stand), due_at=now)


def _looking(stand: Stand) -> Todo:
    """Voiding and giving up read first by themselves; what makes something is looked up by its key."""
    return "look_up" if stand.act in {"invoice", "refund"} else "send"


def _ended(stand: Stand, state: State) -> Stand:
    return replace(stand, state=state, todo=None, due_at=None)


_RULES: dict[type[Any], Callable[[Stand, Any, datetime], Stand]] = {
    SaidYes: _said_yes,
    LetGo: _let_go,
    Withdrawn: _withdrawn,
    HeldBack: _held_back,
    Begun: _begun,
    Made: _made,
    Declined: _declined,
    Lost: _lost,
    Absent: _not_there,
    Partly: _not_there,
    PersonSaid: _person_said,
}
