"""What was read of the mirror, kept in the process while only decisions were added: people decide many times between two syncs."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.firm.models import Business
from interlock.infra.translog import LogLine
from interlock.kernel.clock import local_date

Read = TypeVar("Read")

DECISIONS = frozenset(
    {
        "bill.commented",
        "bill.held",
        "bill.hold_released",
        "bill.snoozed",
        "bill.woken",
        "payment.approved",
        "payment.proposed",
        "payment.rejected",
        "payment.scheduled",
        "payment.withdrawn",
        "approve.undone",
        "hold.undone",
        "propose.undone",
        "reject.undone",
        "release_hold.undone",
        "schedule.undone",
        "snooze.undone",
        "wake.undone",
        "withdraw.undone",
    }
)
"""Lines of acts that write decisions, intents, approvals and what is ours about bills, and nothing of the mirror.

Any other line, also of a kind not thought of here, ends what is kept.
"""

Mark = tuple[int, date, int]


class Recalls(Protocol):
    """Gives what was read by that name, or reads it."""

    def __call__(self, what: str, read: Callable[[], Read], /) -> Read: ...


def anew(what: str, read: Callable[[], Read]) -> Read:
    """Keeps nothing: for sessions that write, whose rows may yet be undone."""
    del what
    return read()


class MirrorMemory:
    """Of each business, what was read since its last line that is no decision; an hour at most, some of it knows the time.

    Only for reading sessions. What is kept here comes from tables that no decision writes.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Mark, dict[str, Any]]] = {}

    def of(self, db: Session, business: Business, now: datetime) -> Recalls:
        """What is kept for one business as this session sees it."""
        last = select(LogLine.seq).where(LogLine.chain == business.business_id, LogLine.action.not_in(DECISIONS))
        seq = db.scalars(last.order_by(LogLine.seq.desc()).limit(1)).first() or 0
        mark = (seq, local_date(now, business.time_zone), now.hour)
        found = self._kept.get(business.business_id)
        if found is None or found[0] != mark:
            found = self._kept[business.business_id] = (mark, {})
        kept = found[1]

        def recall(what: str, read: Callable[[], Read]) -> Read:
            if what not in kept:
                kept[what] = read()
            value: Read = kept[what]
            return value

        return recall
