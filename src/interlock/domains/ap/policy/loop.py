"""The money loop of one payment as a pure function: ``step(course, event, now)`` gives where it stands then, and what to do.

An instruction whose fate isn't known is looked up by its key and never sent again; when looking doesn't help, a person is asked.
What is to be done outside (send, look up, cancel, record) stands in the course as ``todo`` and ``due_at``; only what has to happen
in the same transaction is a command.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec.structs import replace

from interlock.domains.ap.policy.course import REOPENED, Course
from interlock.domains.ap.policy.happenings import (
    BankReturned,
    BankShowed,
    BankTookBack,
    CancelMade,
    CancelRefused,
    Event,
    Found,
    LedgerShowed,
    LedgerTookBack,
    NotFound,
    NotSent,
    PersonSaid,
    RailSaid,
    RecordBegun,
    RecordLost,
    RecordMade,
    RecordRefused,
    Released,
    SendBegun,
    SendLost,
    SendMade,
    SendRefused,
    TimePassed,
)

Command = Literal["reopen_bill", "hold_bill"]
"""``reopen_bill``: the bill is to be decided on anew, and its earmark returns; ``hold_bill``: what was reopened went out after

all.
"""

LOOK_UPS_AFTER = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
"""When an instruction without an answer is looked up. Longer than any request lives there, so the last look says something."""
SENDS_MOST = 8


def step(course: Course, event: Event, now: datetime) -> tuple[Course, tuple[Command, ...]]:
    """What follows from an event. Each may come twice, late, or out of order; one that changes nothing gives the same course."""
    after = _waiting(_RULES[type(event)](course, event, now))
    if after == course:
        return course, ()
    was, is_ = course.stage in REOPENED, after.stage in REOPENED
    commands: tuple[Command, ...] = ("reopen_bill",) if is_ and not was else ("hold_bill",) if was and not is_ else ()
    return after, commands


def released(course: Course, now: datetime) -> Course:
    """The course of a payment that is being released now."""
    return step(course, Released(), now)[0]


def _waiting(course: Course) -> Course:
    """With nothing else to do, see at the latest when it counts as late whether it arrived."""
    if course.todo in {"send", "look_up", "cancel", "record"}:
        return course
    if course.late or course.stage in {"closed", "unproven", "cleared", "mismatched", *REOPENED}:
        return replace(course, todo=None, due_at=None)
    if course.sending == "unknown":
        return replace(course, todo=None, due_at=None)
    return replace(course, todo="watch", due_at=course.late_after)


def _released(course: Course, _event: Released, now: datetime) -> Course:
    if course.way == "outside" or course.sending != "none":
        return course
    return replace(course, sending="to_send", todo="send", due_at=now)


def _send_begun(course: Course, _event: SendBegun, now: datetime) -> Course:
    if course.sending != "to_send" or course.todo != "send":
        return course
    return replace(course, sending="sending", asked=0, todo="look_up", due_at=now + LOOK_UPS_AFTER[0])


def _made(course: Course, event: SendMade | Found, _now: datetime) -> Course:
    if course.sending not in {"sending", "unknown", "refused"}:
        return course
    return replace(course, sending="made", rail=event.word, asked=0, todo=None, due_at=None)


def _send_refused(course: Course, _event: SendRefused, _now: datetime) -> Course:
    return replace(course, sending="refused", todo=None, due_at=None) if course.sending == "sending" else course


def _not_sent(course: Course, event: NotSent, _now: datetime) -> Course:
    if course.sending != "sending" or course.asked:
        return course
    if course.tried + 1 >= SENDS_MOST:
        return replace(course, sending="refused", tried=course.tried + 1, todo=None, due_at=None)
    return replace(course, sending="to_send", tried=course.tried + 1, todo="send", due_at=event.retry_at)


def _send_lost(course: Course, _event: SendLost, now: datetime) -> Course:
    if course.sending != "sending":
        return course
    return replace(course, sending="unknown", todo="look_up", due_at=now + LOOK_UPS_AFTER[0])


def _not_found(course: Course, event: NotFound, now: datetime) -> Course:
    """After the last look a person is asked; a rail that couldn't be asked is asked again as often as it takes."""
    if course.sending not in {"sending", "unknown"}:
        return course
    asked = course.asked + event.answered
    if asked >= len(LOOK_UPS_AFTER):
        return replace(course, sending="unknown", asked=asked, todo=None, due_at=None)
    return replace(course, sending="unknown", asked=asked, todo="look_up", due_at=now + LOOK_UPS_AFTER[asked])


def _cancel_made(course: Course, _event: CancelMade, _now: datetime) -> Course:
    return replace(course, todo=None, due_at=None) if course.todo == "cancel" else course


def _rail_said(course: Course, event: RailSaid, now: datetime) -> Course:
    if course.way == "outside":
        return course
    done = {"todo": None, "due_at": None} if course.todo in {"send", "look_up"} else {}
    after = replace(course, sending="made", rail=event.word, differs=course.differs or event.differs, **done)
    return _to_record(after, now)


def _bank_showed(course: Course, event: BankShowed, now: datetime) -> Course:
    if event.differs:
        return replace(course, differs=True)
    return _to_record(replace(course, cleared=True, late=False), now)


def _bank_took_back(course: Course, _event: BankTookBack, _now: datetime) -> Course:
    return replace(course, cleared=False) if course.cleared and not course.returned else course


def _bank_returned(course: Course, _event: BankReturned, _now: datetime) -> Course:
    return replace(course, returned=True) if course.cleared else course


def _ledger_showed(course: Course, event: LedgerShowed, _now: datetime) -> Course:
    if event.differs:
        return replace(course, differs=True)
    done = {"todo": None, "due_at": None} if course.todo == "record" else {}
    recording = "done" if course.recording in {"to_record", "recording", "unknown"} else course.recording
    return replace(course, recorded=True, recording=recording, **done)


def _ledger_took_back(course: Course, _event: LedgerTookBack, _now: datetime) -> Course:
    return replace(course, recorded=False) if course.recorded else course


def _to_record(course: Course, now: datetime) -> Course:
    """What the bank or the rail has done is written down where that is ours to do: once, when it is certain."""
    certain = course.cleared or (course.rail == "paid" and not course.expects_bank)
    if not course.records or course.recorded or course.recording != "none" or not certain or course.differs:
        return course
    return replace(course, recording="to_record", todo="record", due_at=now)


def _record_begun(course: Course, _event: RecordBegun, now: datetime) -> Course:
    if course.todo != "record":
        return course
    return replace(course, recording="recording", due_at=now + LOOK_UPS_AFTER[0])


def _record_made(course: Course, _event: RecordMade, _now: datetime) -> Course:
    return replace(course, recorded=True, recording="done", todo=None, due_at=None)


def _record_refused(course: Course, _event: RecordRefused, _now: datetime) -> Course:
    if course.recording not in {"to_record", "recording", "unknown"}:
        return course
    return replace(course, recording="refused", todo=None, due_at=None)


def _record_lost(course: Course, event: RecordLost, _now: datetime) -> Course:
    if course.recording not in {"to_record", "recording", "unknown"}:
        return course
    return replace(course, recording="unknown", todo="record", due_at=event.retry_at)


def _person_said(course: Course, event: PersonSaid, now: datetime) -> Course:
    if event.says == "not_made":
        stuck = course.sending == "unknown" and course.todo is None
        return replace(course, sending="refused") if stuck else course
    if event.says == "look_again":
        asks = course.sending == "unknown"
        return replace(course, asked=len(LOOK_UPS_AFTER) - 1, todo="look_up", due_at=now) if asks else course
    if event.says == "take_back":
        return _taken_back(course, now)
    if event.says == "returned":
        return replace(course, returned=True) if course.cleared else course
    return replace(course, differs=False)


def _taken_back(course: Course, now: datetime) -> Course:
    """Before anything was sent it is simply not sent; at the rail cancelling is tried, and cancelled is what is read back."""
    if course.cleared or course.recorded or course.rail in {"paid", "failed", "cancelled"}:
        return course
    if course.way == "outside" or course.sending == "to_send":
        return replace(course, taken_back=True, sending="none", todo=None, due_at=None)
    return replace(course, todo="cancel", due_at=now) if course.sending == "made" else course


def _time_passed(course: Course, _event: TimePassed, now: datetime) -> Course:
    return replace(course, late=True) if course.todo == "watch" and now >= course.late_after else course


def _cancel_refused(course: Course, _event: CancelRefused, _now: datetime) -> Course:
    return replace(course, todo=None, due_at=None) if course.todo == "cancel" else course


_RULES: dict[type[Event], Callable[[Course, Any, datetime], Course]] = {
    Released: _released,
    SendBegun: _send_begun,
    SendMade: _made,
    SendRefused: _send_refused,
    NotSent: _not_sent,
    SendLost: _send_lost,
    Found: _made,
    NotFound: _not_found,
    CancelMade: _cancel_made,
    CancelRefused: _cancel_refused,
    RailSaid: _rail_said,
    BankShowed: _bank_showed,
    BankTookBack: _bank_took_back,
    BankReturned: _bank_returned,
    LedgerShowed: _ledger_showed,
    LedgerTookBack: _ledger_took_back,
    RecordBegun: _record_begun,
    RecordMade: _record_made,
    RecordRefused: _record_refused,
    RecordLost: _record_lost,
    PersonSaid: _person_said,
    TimePassed: _time_passed,
}
