"""Whether a customer is asked to pay an invoice now, with which words, or why that waits. Pure.

Three stages, each once in a round: gentle, firm, final. Whatever speaks against a message is looked at anew each time, in the
transaction that would begin it, so that a payment seen anywhere in between stops it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

from msgspec import Struct, field

from interlock.kernel.clock import zone
from interlock.kernel.workdays import is_workday

CHASE = "chase"
"""The work, as the calendar calls it."""
Stage = Literal["gentle", "firm", "final"]
STAGES: tuple[Stage, ...] = get_args(Stage)
State = Literal["chased", "paused", "promised", "planned", "disputed", "write_off", "stopped"]
STATES: tuple[State, ...] = get_args(State)
WORD_DAYS = 1
"""A day that a customer gave is theirs in full; the chase goes on the day after."""
_SEARCH_DAYS = 30


class Manner(Struct, frozen=True):
    """How a business wants its customers asked; see ``chasing_models.ChasingSetup``."""

    on: bool
    gentle_days: int = 3
    firm_days: int = 14
    final_days: int = 30
    gap_days: int = 7
    from_hour: str = "09:00"
    to_hour: str = "17:00"

    def days_of(self, stage: Stage) -> int:
        """Days after the due date from which on it may come."""
        return {"gentle": self.gentle_days, "firm": self.firm_days, "final": self.final_days}[stage]


class Case(Struct, frozen=True, kw_only=True):
    """One invoice as it is now. ``ask_minor``: what both ledgers leave to be asked for; ``differ``: why they don't agree;

    ``in_flight``: money of it on its way, in words; ``blocked``: a finding that stops it; ``written``: this round's messages, by
    stage; ``last_contact``: the last message to the customer, about whatever; ``unknown``: nobody knows whether one went out.
    """

    due: date
    today: date
    ask_minor: int
    state: State = "chased"
    until: date | None = None
    why: str | None = None
    differ: str | None = None
    in_flight: str | None = None
    blocked: str | None = None
    address: str | None = None
    unwanted: str | None = None
    written: Mapping[Stage, date] = field(default_factory=dict)
    last_contact: date | None = None
    unknown: bool = False


class Ask(Struct, frozen=True):
    """Write now, with the words of this stage."""

    stage: Stage


class Wait(Struct, frozen=True):
    """Not now, and why; ``until``: the first day it may be otherwise by itself. ``person``: only a person changes it."""

    why: str
    until: date | None = None
    person: bool = False


def next_message(case: Case, manner: Manner) -> Ask | Wait:
    """What is to be done about one invoice today."""
    against = _nothing_owed(case) or _said(case) or _unsure(case) or _unreachable(case)
    if against is not None:
        return against
    stage = next((each for each in STAGES if each not in case.written), None)
    if stage is None:
        return Wait("All three messages were sent; somebody has to call, or decide.", person=True)
    day = case.due + timedelta(days=manner.days_of(stage))
    for earlier in case.written.values():  # one a gap, also where a late start made several due at once
        day = max(day, earlier + timedelta(days=manner.gap_days))
    if case.last_contact is not None:
        day = max(day, case.last_contact + timedelta(days=manner.gap_days))
    if case.today < day:
        return Wait(f"The {stage} message is due.", day)
    return Ask(stage)


def next_opening(manner: Manner, time_zone: str, now: datetime) -> datetime:
    """The first moment from ``now`` on at which messages may leave: a workday, between the hours, in the client's time."""
    local = now.astimezone(zone(time_zone))
    for days in range(_SEARCH_DAYS):
        day = local.date() + timedelta(days=days)
        opens, closes = (
            datetime.combine(day, time.fromisoformat(hour), zone(time_zone)).astimezone(UTC)
            for hour in (manner.from_hour, manner.to_hour)
        )
        if is_workday(day) and opens < closes and now < closes:  # the clock may jump over both
            return max(now, opens)
    raise AssertionError("a month has a workday")


def _nothing_owed(case: Case) -> Wait | None:
    return Wait("Nothing is left to ask for.") if case.ask_minor <= 0 else None


def _said(case: Case) -> Wait | None:
    """What people decided, or customers gave their word on."""
    why = f": {case.why}" if case.why else ""
    if case.state == "stopped":
        return Wait(f"Its chase was stopped{why}.", person=True)
    if case.state == "write_off":
        return Wait(f"It is to be written off in QuickBooks{why}.", person=True)
    if case.state == "disputed":
        return Wait(f"The customer disputes it{why}.", person=True)
    if case.until is not None and case.today < case.until + timedelta(days=WORD_DAYS):
        named = {"promised": "The customer promised to pay", "planned": "A payment plan runs"}.get(case.state)
        if named is not None:
            return Wait(f"{named}{why}.", case.until + timedelta(days=WORD_DAYS))
        if case.state == "paused":
            return Wait(f"Its chase is paused{why}.", case.until + timedelta(days=WORD_DAYS))
    if case.state == "paused" and case.until is None:
        return Wait(f"Its chase is paused{why}.", person=True)
    return None


def _unsure(case: Case) -> Wait | None:
    """What makes it wrong, or unsure, to ask."""
    if case.in_flight is not None:
        return Wait(case.in_flight)
    if case.differ is not None:
        return Wait(case.differ, person=True)
    if case.blocked is not None:
        return Wait(case.blocked, person=True)
    if case.unknown:
        return Wait("Nobody knows whether the last message went out: say on this page whether it did.", person=True)
    return None


def _unreachable(case: Case) -> Wait | None:
    if case.address is None:
        return Wait("There is no e-mail address.", person=True)
    return Wait(case.unwanted, person=True) if case.unwanted is not None else None
