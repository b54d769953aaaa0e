"""Webhooks on their way. What waits follows from the parties' acts; what is done with is an act of its own.

So after a restart only what was not done with is sent again, as any vendor does that forgets what it was told last.
"""

from __future__ import annotations

import json
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from interlock_sandbox.parties import Step

Headers = Callable[[bytes, datetime], Mapping[str, str]]
Retries = Callable[[int | None], bool]

MOST_LOGGED = 2000


def always(status: int | None) -> bool:
    """Try again whatever was answered."""
    del status
    return True


@dataclass(frozen=True, slots=True)
class Manner:
    """How a vendor delivers: ``waits`` are the seconds after each failed attempt, so it tries once more than it waits.

    ``headers`` is asked at each attempt (with the body it is to sign and the moment), ``retries`` whether a status
    (``None``: no answer in time) is worth another attempt.
    """

    headers: Headers
    waits: Sequence[float]
    answer_seconds: float = 10.0
    retries: Retries = always


@dataclass(slots=True)
class Notice:
    """One webhook: to be attempted at ``due_at``."""

    number: int
    party: str
    url: str
    body: bytes
    manner: Manner
    at: datetime
    due_at: datetime
    attempts: int = 0
    going: bool = False

    def told(self) -> dict[str, Any]:
        return {
            "number": self.number, "party": self.party, "url": self.url, "body": _readable(self.body),
            "at": self.at.isoformat(), "due": self.due_at.isoformat(), "attempts": self.attempts,
        }  # fmt: skip


@dataclass(slots=True)
class Wrong:
    """What goes wrong with one vendor's notices. Counts are used up, one a notice (``bad_signature``: an attempt);
    ``delay_seconds`` and ``reorder`` (a seed) stay."""

    duplicate: int = 0
    drop: int = 0
    bad_signature: int = 0
    delay_seconds: float = 0.0
    reorder: int | None = None


@dataclass(slots=True)
class Notices:
    """The queue. ``post`` only from within an ``apply``: numbers must come again on replay."""

    queue: dict[int, Notice] = field(default_factory=dict)
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_LOGGED))
    wrong: dict[str, Wrong] = field(default_factory=dict)
    wakes: list[Callable[[], None]] = field(default_factory=list)
    posted: int = 0

    def post(self, party: str, url: str, body: bytes, manner: Manner, *, at: datetime) -> Notice:
        """Send ``body`` to ``url`` from ``at`` on, at the vendor's own pace until it is taken or given up."""
        self.posted += 1
        notice = Notice(self.posted, party, url, body, manner, at, at)
        self.queue[notice.number] = notice
        self.wake()
        return notice

    def forget(self, party: str, url: str) -> None:
        """The vendor sends nothing more to this address."""
        for number in [n for n, each in self.queue.items() if (each.party, each.url) == (party, url)]:
            del self.queue[number]

    def waiting(self, party: str | None = None) -> list[Notice]:
        """What has not been done with, oldest first."""
        return [each for each in self.queue.values() if party in (None, each.party)]

    def due(self) -> datetime | None:
        """When the next attempt is due; ``None`` while nothing waits."""
        return min((self._due_at(each) for each in self.queue.values() if not each.going), default=None)

    def take(self, now: datetime, *, party: str | None = None, early: bool = False) -> Notice | None:
        """The next attempt that is due (``early``: or will be); it is under way until it is settled."""
        ready = [
            each for each in self.waiting(party) if not each.going and (early or self._due_at(each) <= now)
        ]  # fmt: skip
        if not ready:
            return None
        notice = min(ready, key=self._turn)
        notice.going = True
        return notice

    def headers(self, notice: Notice, now: datetime) -> dict[str, str]:
        """What goes with it at this moment; a bad signature is one of another body."""
        wrong = self._wrong(notice.party)
        signed = notice.body
        if wrong.bad_signature > 0:
            wrong.bad_signature -= 1
            signed += b" "
        return dict(notice.manner.headers(signed, now))

    def lost(self, notice: Notice) -> bool:
        """Whether it is lost on the way on purpose, though the vendor believes it arrived."""
        wrong = self._wrong(notice.party)
        if wrong.drop < 1:
            return False
        wrong.drop -= 1
        return True

    def twice(self, notice: Notice) -> bool:
        """Whether what arrived is sent once more on purpose."""
        wrong = self._wrong(notice.party)
        if wrong.duplicate < 1:
            return False
        wrong.duplicate -= 1
        return True

    def settle(self, notice: Notice, status: int | None, now: datetime, trouble: str = "") -> bool:
        """What came of an attempt (``None``: no answer in time); whether the notice is done with for good."""
        notice.going = False
        notice.attempts += 1
        line = {**notice.told(), "attempted_at": now.isoformat(), "status": status, "trouble": trouble}
        self.log.append(line)
        if notice.number not in self.queue:
            line["trouble"] = trouble or "the address was taken away meanwhile"
            return False
        if status is not None and 200 <= status < 300:
            return not self.twice(notice)
        if notice.attempts > len(notice.manner.waits) or not notice.manner.retries(status):
            line["given_up"] = True
            return True
        notice.due_at = now + timedelta(seconds=notice.manner.waits[notice.attempts - 1])
        line["retry_at"] = notice.due_at.isoformat()
        return False

    def wake(self) -> None:
        for each in self.wakes:
            each()

    def done_with(self, numbers: Sequence[int]) -> None:
        """These are not sent (again)."""
        for number in numbers:
            self.queue.pop(int(number), None)

    def _wrong(self, party: str) -> Wrong:
        return self.wrong.setdefault(party, Wrong())

    def _due_at(self, notice: Notice) -> datetime:
        return notice.due_at + timedelta(seconds=self._wrong(notice.party).delay_seconds)

    def _turn(self, notice: Notice) -> tuple[datetime, float]:
        seed = self._wrong(notice.party).reorder
        if seed is None:
            return self._due_at(notice), notice.number
        return datetime.min.replace(tzinfo=notice.at.tzinfo), random.Random(seed * 1_000_003 + notice.number).random()


class NoticesParty:
    """The courier's place among the parties: it remembers what is done with."""

    def __init__(self, notices: Notices) -> None:
        self.notices = notices

    def apply(self, act: dict[str, Any], at: datetime) -> None:
        del at
        self.notices.done_with(act["numbers"])

    def due(self, now: datetime) -> Step | None:
        """Nothing: sending needs no act."""
        del now
        return None


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")
