"""How one budget is shared among those who hold or wait for a part of it: arithmetic only, told the time.

The rules that make it safe whoever asks when: a start counts from the moment its token is leased until a minute after the start
was reported, so no minute sees more than allowed. A second's starts and the requests in flight are shares that sum to the
limit; a share that shrinks counts in full until its holder says that it now keeps to less, and what it started in the
last second is handed to whoever grows. Equal shares for all who want one.
"""

import math
from dataclasses import dataclass, field

SECOND_SECONDS = 1.02
"""A second and a little, for what two clocks count differently."""
MINUTE_SECONDS = 60.3

LEASE_SECONDS = 5.0
AHEAD_SECONDS = 2.5
"""A lease holds tokens for this long at its holder's pace."""
GRACE_SECONDS = 2.0
"""How long after its end a lease that nobody renewed still counts."""

_WAITING_SECONDS = 3.0
_ASK_AGAIN_SECONDS = 0.25
_TURN_SECONDS = 5.0
_BUCKET_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rail allows: starts in any second, starts in any minute, requests running at once."""

    a_second: int
    a_minute: int
    in_flight: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a holder says when it asks. ``ages``: seconds since the starts it has not yet reported; negative
    where one may still be on its way.

    ``a_second`` and ``in_flight`` are what it keeps to at this moment, ``running`` what runs. ``wants=False`` gives all back.
    """

    ages: tuple[float, ...] = ()
    running: int = 0
    a_second: int = 0
    in_flight: int = 0
    wants: bool = True


@dataclass(frozen=True, slots=True)
class Lease:
    """What a holder may do for ``lasts`` seconds. ``tokens``: starts, with those left from before its report.

    ``second``: ages of all starts of the last second, its own too, for one who may now start more than before. ``paused``:
    seconds in which nobody starts; ``again``: seconds until asking for more makes sense.
    """

    a_second: int = 0
    in_flight: int = 0
    tokens: int = 0
    lasts: float = 0.0
    second: tuple[float, ...] | None = None
    paused: float = 0.0
    again: float = 0.0


@dataclass(slots=True)
class Share:
    """A holder's part as the books show it; all zero for one who waits. Instants are seconds of the budget's clock."""

    a_second: int
    in_flight: int
    tokens: int
    since: float
    until: float


@dataclass(slots=True)
class Books:
    """A budget's state: starts of the last minute, as (instant, number), and who holds what."""

    spent: list[tuple[float, int]] = field(default_factory=list)
    paused_until: float | None = None
    shares: dict[str, Share] = field(default_factory=dict)


def settle(
    books: Books, limits: Limits, holder: str, report: Report, now: float, gone: frozenset[str] = frozenset()
) -> Lease:
    """Book what ``holder`` reports and say what it may do next. Changes ``books``. ``gone``: holders known to be dead."""
    _tidy(books, now, holder, gone)
    own = books.shares.pop(holder, None)
    books.spent += [(now - age, 1) for age in report.ages]
    just_now = [now - at for at, number in books.spent for _ in range(number) if at > now - SECOND_SECONDS]
    left = 0 if own is None else max(own.tokens - len(report.ages), 0)
    paused = max((books.paused_until or now) - now, 0.0)
    if not report.wants and not report.running:
        return Lease(paused=paused)
    mine = _share(books, limits, holder, own, report, now, paused > 0)
    wanted = math.ceil(mine.a_second * AHEAD_SECONDS) - left
    free = limits.a_minute - _outstanding(books) - left
    given = 0 if paused else max(0, min(wanted, -(-free // (len(books.shares) + 1))))
    kept = Share(
        # What it kept to when it asked still counts: it goes on at that pace until this answer reaches it.
        max(mine.a_second, min(report.a_second, own.a_second) if own else 0),
        max(mine.in_flight, report.running, min(report.in_flight, own.in_flight) if own else 0),
        left + given,
        mine.since,
        mine.until,
    )
    books.shares[holder] = kept
    grows = own is None or mine.a_second > report.a_second
    return Lease(
        a_second=mine.a_second,
        in_flight=mine.in_flight,
        tokens=left + given,
        lasts=mine.until - now,
        second=tuple(just_now) if grows else None,
        paused=paused,
        again=_again(books, mine, now) if given < wanted or not mine.a_second else 0.0,
    )


def _tidy(books: Books, now: float, asking: str, gone: frozenset[str]) -> None:
    """Forget what no longer counts, and end leases whose holders are dead or silent: their tokens count as spent."""
    for holder, share in list(books.shares.items()):
        # Farther ahead than any lease: the clock was set back since, and the end says nothing.
        overdue = share.until + GRACE_SECONDS <= now or share.until > now + 2 * LEASE_SECONDS
        if holder != asking and (overdue or holder in gone):
            del books.shares[holder]
            if share.tokens:
                books.spent.append((now if holder in gone else min(share.until, now), share.tokens))
    counting = sorted(
        (at if at < now + SECOND_SECONDS else now, number) for at, number in books.spent if at > now - MINUTE_SECONDS
    )
    books.spent = _bucketed(counting, now)
    if books.paused_until is not None and books.paused_until <= now:
        books.paused_until = None


def _bucketed(spent: list[tuple[float, int]], now: float) -> list[tuple[float, int]]:
    """Older starts by the half second, each counted as late as its latest: a minute stays short to write down."""
    found: list[tuple[float, int]] = []
    for at, number in spent:
        old = at < now - 2 * SECOND_SECONDS
        if old and found and at // _BUCKET_SECONDS == found[-1][0] // _BUCKET_SECONDS:
            found[-1] = (at, found[-1][1] + number)
        else:
            found.append((at, number))
    return found


def _share(
    books: Books, limits: Limits, holder: str, own: Share | None, report: Report, now: float, paused: bool
) -> Share:
    """An equal part for everybody who holds or waits, as far as others have let go of theirs."""
    since = now if own is None else own.since
    everybody = len(books.shares) + 1
    crowded = everybody > min(limits.a_second, limits.in_flight)
    if crowded and own is not None and own.a_second and now - since >= _TURN_SECONDS:
        since = now  # more of them than the limit has parts: turns are taken
    place = sum((share.since, other) < (since, holder) for other, share in books.shares.items())
    a_second = _part(limits.a_second, everybody, place, sum(share.a_second for share in books.shares.values()))
    in_flight = _part(limits.in_flight, everybody, place, sum(share.in_flight for share in books.shares.values()))
    if paused or not a_second or not in_flight:
        a_second = in_flight = 0  # one without the other starts nothing
    lasts = LEASE_SECONDS if a_second or report.running else _WAITING_SECONDS
    return Share(a_second, in_flight, 0, since, now + lasts)


def _part(limit: int, everybody: int, place: int, others: int) -> int:
    part = limit // everybody + (1 if place < limit % everybody else 0)
    return max(0, min(part, limit - others))


def _outstanding(books: Books) -> int:
    return sum(number for _, number in books.spent) + sum(share.tokens for share in books.shares.values())


def _again(books: Books, mine: Share, now: float) -> float:
    """A moment for a share that others hold; for tokens, when the oldest start leaves the minute."""
    if not mine.a_second or not books.spent:
        return _ASK_AGAIN_SECONDS
    return max(min(at for at, _ in books.spent) + MINUTE_SECONDS - now, _ASK_AGAIN_SECONDS)
