"""The money loop of one payment as a pure function: ``step(course, event, now)`` gives where it stands then, and what to do.

An instruction whose fate isn't known is looked up by its key and never sent again; when looking doesn't help, a person is asked.
What is to be done outside (send, look up, cancel, record) stands in the course as ``todo`` and ``due_at``; only what has to happen
in the same transaction is a command.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec.structs import replace

from interlock.domains.ap.policy.course import REOPENED, SETTLED, Course, Recording, Witness, contradictions
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
LEAVES_WITHIN = timedelta(minutes=10)
"""After the next look-up was due, an instruction whose sending was begun doesn't go out any more. Longer than any call takes."""
SENDS_MOST = 8
RECORDED_WITHIN = timedelta(days=7)
"""So long after the bank showed it the ledger may take; then a person is asked."""


def step(course: Course, event: Event, now: datetime) -> tuple[Course, tuple[Command, ...]]:
    """What follows from an event. Each may come twice, late, or out of order; one that changes nothing gives the same course."""
    after = _vouched(_waiting(_recording(_withdrawn(_RULES[type(event)](course, event, now)), now)))
    if after == course:
        return course, ()
    was, is_ = course.stage in REOPENED, after.stage in REOPENED
    commands: tuple[Command, ...] = ("reopen_bill",) if is_ and not was else ("hold_bill",) if was and not is_ else ()
    return after, commands


def released(course: Course, now: datetime) -> Course:
    """The course of a payment that is being released now."""
    return step(course, Released(), now)[0]


def may_leave(course: Course, now: datetime) -> bool:
    """Whether an instruction whose sending was begun may still go out.

    Whoever was held up meanwhile (a process suspended, a machine asleep) may come when it was given up and its bill paid anew:
    it goes out only while a look-up follows that would find it, long before a person can be asked.
    """
    if course.sending not in {"sending", "unknown"} or course.todo != "look_up" or course.due_at is None:
        return False
    looked_for = course.asked < len(LOOK_UPS_AFTER) - 1 and now < course.due_at + LEAVES_WITHIN
    return looked_for and not (course.cleared or course.recorded)


# --- what follows from any event --------------------------------------------------------------------------------------


def _withdrawn(course: Course) -> Course:
    """What the bank or the ledger shows before it was sent was paid some other way: it is not sent any more.

    And what the bank shows can't be cancelled.
    """
    if course.todo == "cancel" and course.cleared:
        return replace(course, todo=None, due_at=None)
    if course.sending != "to_send" or not (course.cleared or course.recorded):
        return course
    return replace(course, sending="none", taken_back=True, todo=None, due_at=None)


def _recording(course: Course, now: datetime) -> Course:
    """What the bank or the rail has done is written down where that is ours to do, once, and only while it is certain.

    What was begun when it stopped being certain may stand in the ledger: a person looks.
    """
    if not course.records or course.recorded:
        return course
    doubtful = course.stage == "mismatched" or course.stage in REOPENED
    certain = not doubtful and (course.cleared or (course.rail == "paid" and not course.expects_bank))
    if certain and course.todo in {None, "watch"}:
        if course.recording == "none":
            return replace(course, recording="to_record", todo="record", due_at=now)
        return replace(course, todo="record", due_at=now) if course.recording == "unknown" else course
    if certain or course.todo != "record":
        return course
    recording: Recording = "none" if course.recording == "to_record" else "unknown"
    return replace(course, recording=recording, todo=None, due_at=None)


def _waiting(course: Course) -> Course:
    """With nothing else to do, see at the latest when it counts as late whether it arrived."""
    if course.todo in {"send", "look_up", "cancel", "record"}:
        return course
    stage = course.stage
    stuck = stage == "unknown" and course.sending == "unknown"
    if course.late or stuck or stage == "mismatched" or stage in SETTLED:
        return replace(course, todo=None, due_at=None)
    return replace(course, todo="watch", due_at=course.late_after)


def _vouched(course: Course) -> Course:
    """A person's word holds for the contradictions it was given on, and no longer than they last."""
    if not course.vouched:
        return course
    last = set(contradictions(course))
    return replace(course, vouched=tuple(each for each in course.vouched if each in last))


# --- the instruction --------------------------------------------------------------------------------------------------


def _released(course: Course, _event: Released, now: datetime) -> Course:
    if course.way == "outside" or course.sending != "none" or course.taken_back:
        return course
    return replace(course, sending="to_send", todo="send", due_at=now)


def _send_begun(course: Course, _event: SendBegun, now: datetime) -> Course:
    if course.sending != "to_send" or course.todo != "send":
        return course
    return replace(course, sending="sending", asked=0, todo="look_up", due_at=now + LOOK_UPS_AFTER[0])


def _made(course: Course, event: SendMade | Found, _now: datetime) -> Course:
    """Whatever was thought of it: it is there."""
    if course.way == "outside" or course.sending == "made":
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
    """After the last look a person is asked; a rail that couldn't be asked is asked again as often as it takes.

    A look before its time doesn't count: the request may still be on its way.
    """
    if course.todo != "look_up" or course.due_at is None or now < course.due_at:
        return course
    asked = course.asked + event.answered
    if asked >= len(LOOK_UPS_AFTER):
        return replace(course, sending="unknown", asked=asked, todo=None, due_at=None)
    return replace(course, sending="unknown", asked=asked, todo="look_up", due_at=now + LOOK_UPS_AFTER[asked])


def _cancel_over(course: Course, _event: CancelMade | CancelRefused, _now: datetime) -> Course:
    return replace(course, todo=None, due_at=None) if course.todo == "cancel" else course


# --- the witnesses ----------------------------------------------------------------------------------------------------


def _rail_said(course: Course, event: RailSaid, _now: datetime) -> Course:
    if course.way == "outside":
        return course
    over = course.todo in {"send", "look_up"} or (
        course.todo == "cancel" and event.word in {"paid", "failed", "cancelled"}
    )
    done = {"todo": None, "due_at": None} if over else {}
    after = replace(course, sending="made", rail=event.word, asked=0, **done)
    return _differing(after, "rail", differs=event.differs)


def _bank_showed(course: Course, event: BankShowed, now: datetime) -> Course:
    shown = _differing(course, "bank", differs=event.differs)
    if course.cleared:
        return shown
    return replace(shown, cleared=True, late=False, late_after=max(course.late_after, now + RECORDED_WITHIN))


def _bank_took_back(course: Course, _event: BankTookBack, _now: datetime) -> Course:
    if not course.cleared or course.returned:
        return course
    return replace(_differing(course, "bank", differs=False), cleared=False)


def _bank_returned(course: Course, _event: BankReturned, _now: datetime) -> Course:
    return replace(course, returned=True)


def _ledger_showed(course: Course, event: LedgerShowed, _now: datetime) -> Course:
    done = {"todo": None, "due_at": None} if course.todo == "record" else {}
    recording: Recording = "done" if course.records else "none"
    shown = replace(course, recorded=True, recording=recording, **done)
    return _differing(shown, "ledger", differs=event.differs)


def _ledger_took_back(course: Course, _event: LedgerTookBack, _now: datetime) -> Course:
    """What a bookkeeper took out of the ledger is not written there again by us."""
    return replace(_differing(course, "ledger", differs=False), recorded=False) if course.recorded else course


def _differing(course: Course, witness: Witness, *, differs: bool) -> Course:
    others = {each for each in course.differs if each != witness}
    return replace(course, differs=tuple(sorted({*others, witness} if differs else others)))


# --- writing it down --------------------------------------------------------------------------------------------------


def _record_begun(course: Course, _event: RecordBegun, now: datetime) -> Course:
    if course.todo != "record":
        return course
    return replace(course, recording="recording", due_at=now + LOOK_UPS_AFTER[0])


def _record_made(course: Course, _event: RecordMade, _now: datetime) -> Course:
    if course.recording not in {"recording", "unknown", "refused"}:
        return course
    done = {"todo": None, "due_at": None} if course.todo == "record" else {}
    return replace(course, recorded=True, recording="done", **done)


def _record_refused(course: Course, _event: RecordRefused, _now: datetime) -> Course:
    if course.todo != "record":
        return course
    return replace(course, recording="refused", todo=None, due_at=None)


def _record_lost(course: Course, event: RecordLost, _now: datetime) -> Course:
    if course.todo != "record":
        return course
    return replace(course, recording="unknown", todo="record", due_at=event.retry_at)


# --- people and time --------------------------------------------------------------------------------------------------


def _person_said(course: Course, event: PersonSaid, now: datetime) -> Course:
    stuck = course.sending == "unknown" and course.todo not in {"look_up", "cancel"}
    if event.says == "not_made":
        return replace(course, sending="refused") if stuck else course
    if event.says == "look_again":
        return replace(course, asked=len(LOOK_UPS_AFTER) - 1, todo="look_up", due_at=now) if stuck else course
    if event.says == "take_back":
        return _taken_back(course, now)
    if event.says == "returned":
        return replace(course, returned=True) if course.cleared else course
    return replace(course, vouched=contradictions(course))


def _taken_back(course: Course, now: datetime) -> Course:
    """Before anything was sent it is simply not sent; at the rail cancelling is tried, and cancelled is what is read back."""
    if course.cleared or course.recorded or course.rail in {"paid", "failed", "cancelled"}:
        return course
    if course.way == "outside" or course.sending == "to_send":
        return replace(course, taken_back=True, sending="none", todo=None, due_at=None)
    return replace(course, todo="cancel", due_at=now) if course.sending == "made" else course


def _time_passed(course: Course, _event: TimePassed, now: datetime) -> Course:
    return replace(course, late=True) if course.todo == "watch" and now >= course.late_after else course


_RULES: dict[type[Event], Callable[[Course, Any, datetime], Course]] = {
    Released: _released,
    SendBegun: _send_begun,
    SendMade: _made,
    SendRefused: _send_refused,
    NotSent: _not_sent,
    SendLost: _send_lost,
    Found: _made,
    NotFound: _not_found,
    CancelMade: _cancel_over,
    CancelRefused: _cancel_over,
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
