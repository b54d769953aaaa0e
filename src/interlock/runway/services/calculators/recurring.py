"""What recurs, found in the books: payroll, tax, rent, debt, cards, whatever else keeps to a calendar (product-map §2.3). Pure.

Movements of one kind and of one party (or, where none is named, on the same accounts) are one series. It recurs when three of
four of its days fall on the calendar of one cadence, and three of four of that calendar's days have one.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from interlock.runway.services.calculators.calendars import (
    LAST_OF_MONTH,
    Cadence,
    moved_from,
    nominal_days,
    occurrences,
    stands_for,
)
from interlock.runway.services.calculators.categories import category_of
from interlock.runway.services.calculators.flows import Source

__all__ = ["Detected", "Movement", "detect", "occurrences", "parties_of", "signature_of", "typical"]

PAYROLL = "payroll"
FEWEST: dict[str, int] = {"weekly": 6, "biweekly": 4, "semimonthly": 4, "monthly": 3, "quarterly": 3}
"""How often something must have happened before it is said to recur."""
MISSED_DAYS = 2
TYPICAL_OF = 6
_HIT_PERMILLE = 750
_LONGEST_SIGNATURE = 120
_SEEN_KEPT = 13
_NAME_CHARACTERS = 120
_MOVED_MOST = timedelta(days=5)
_TRIED_OF = 6
_OFF_DAYS: dict[str, int] = {"weekly": 1, "biweekly": 1, "semimonthly": 1, "monthly": 2, "quarterly": 2}
"""By how much a day may miss the calendar's, weekends and holidays apart."""
_AHEAD_DAYS: dict[str, int] = {"weekly": 21, "biweekly": 35, "semimonthly": 45, "monthly": 70, "quarterly": 200}
_GAPS: dict[Cadence, tuple[int, int]] = {
    "weekly": (5, 9),
    "biweekly": (12, 16),
    "semimonthly": (12, 18),
    "monthly": (26, 35),
    "quarterly": (80, 100),
}
"""Between which a series' median gap lies, in days, for it to be tried on a cadence."""


class Movement(Struct, frozen=True, gc=False):
    """A movement of the books as detection sees it, in home currency: ``minor`` above zero, ``inflow`` says which way.

    ``kind`` as the mirror has it (purchase, journal_entry, transfer, bill, sales_receipt, deposit), a bill dated when it is due;
    ``account_*``: the accounts on its other side (what was bought, paid off or earned), not the bank's, in one order.
    """

    kind: str
    id: str
    dated: date
    minor: int
    inflow: bool
    party_id: str | None
    party: str | None
    account_ids: tuple[str, ...]
    account_names: tuple[str, ...]
    account_kinds: tuple[str, ...]
    note: str | None


class Detected(Struct, frozen=True):
    """A series that recurs. ``days``: the weekday (0 is Monday), or days of the month (31 is its last); ``anchor``: the latest day

    of its calendar that something served, as written (before a weekend or holiday moved it). ``amount_minor``: ``typical``.
    ``seen``: its movements, latest first, thirteen at the most. ``missed``: nothing within two days of the next day due.
    """

    signature: str
    name: str
    category: str
    inflow: bool
    cadence: Cadence
    days: tuple[int, ...]
    anchor: date
    amount_minor: int
    currency: str
    seen: tuple[Source, ...]
    last_on: date
    next_on: date
    missed: bool


class _Fit(NamedTuple):
    """How well a calendar fits: days served, how many of those to the day, and its latest day that was."""

    hits: int
    to_the_day: int
    latest: date
    cadence: Cadence
    days: tuple[int, ...]


def detect(history: Sequence[Movement], today: date, currency: str) -> tuple[Detected, ...]:
    """Every series of ``history`` (thirteen months or so of movements in ``currency``) that recurs, by signature.

    One that missed its last two days has ended, and isn't said.
    """
    series: dict[str, list[Movement]] = defaultdict(list)
    for each in history:
        if each.minor > 0 and (each.dated <= today or each.kind == "bill"):
            series[signature_of(each)].append(each)
    found = (_recurs(signature, movements, today, currency) for signature, movements in sorted(series.items()))
    return tuple(each for each in found if each is not None)


def signature_of(movement: Movement) -> str:
    """What stays the same of a series: ``purchase:party:57``, ``journal_entry:accounts:12,14``; money in has ``in:`` before it."""
    way = "in:" if movement.inflow else ""
    if movement.party_id:
        return f"{way}{movement.kind}:party:{movement.party_id}"
    ids = ",".join(sorted(set(movement.account_ids)))
    plain = f"{way}{movement.kind}:accounts:{ids}"
    return plain if len(plain) <= _LONGEST_SIGNATURE else f"{way}{movement.kind}:of:{sha256(ids.encode()).hexdigest()}"


def parties_of(signature: str) -> tuple[str, tuple[str, ...]]:
    """What a signature names: ``("party", ids)`` or ``("accounts", ids)``; of many accounts only that it is ``of`` them."""
    _, _, rest = signature.removeprefix("in:").partition(":")
    which, _, ids = rest.partition(":")
    return which, tuple(ids.split(",")) if which in ("party", "accounts") and ids else ()


def typical(amounts: Sequence[int], *, inflow: bool) -> int:
    """Of amounts by date: the median of the last six, a half counted up; of receipts what four of five of them reach (p20)."""
    last = sorted(amounts[-TYPICAL_OF:])
    if inflow:
        return last[(len(last) - 1) // 5]
    middle = len(last) // 2
    return last[middle] if len(last) % 2 else (last[middle - 1] + last[middle] + 1) // 2


def _recurs(signature: str, movements: Sequence[Movement], today: date, currency: str) -> Detected | None:
    by_day: dict[date, int] = defaultdict(int)
    for each in movements:
        by_day[each.dated] += each.minor
    days = sorted(by_day)
    fit = _best_fit(days)
    if fit is None:
        return None
    ordered = sorted(movements, key=lambda each: (each.dated, each.id), reverse=True)
    latest = ordered[0]
    category = category_of(latest.account_names, latest.account_kinds, latest.inflow)
    until = max(fit.latest, today) + timedelta(days=_AHEAD_DAYS[fit.cadence])
    after = fit.latest + timedelta(days=1)
    coming = [
        moved_from(day, category == PAYROLL) for day in nominal_days(fit.cadence, fit.days, fit.latest, after, until)
    ]
    if coming[1] + timedelta(days=MISSED_DAYS) < today:
        return None
    return Detected(
        signature,
        _name(latest, category),
        category,
        latest.inflow,
        fit.cadence,
        fit.days,
        fit.latest,
        typical([by_day[day] for day in days], inflow=latest.inflow),
        currency,
        tuple(Source("qbo", each.kind, each.id) for each in ordered[:_SEEN_KEPT]),
        days[-1],
        next(day for day in coming if day >= today),
        coming[0] + timedelta(days=MISSED_DAYS) < today,
    )


def _name(latest: Movement, category: str) -> str:
    if latest.party:
        return latest.party[:_NAME_CHARACTERS]
    if category == PAYROLL:
        return "Payroll"
    said = latest.note or ", ".join(dict.fromkeys(latest.account_names)) or latest.kind.replace("_", " ")
    return " ".join(said.split())[:_NAME_CHARACTERS]


def _best_fit(days: Sequence[date]) -> _Fit | None:
    """The calendar that serves most of these days; of equal ones the one most to the day."""
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    if len(gaps) < min(FEWEST.values()) - 1:
        return None
    gap = gaps[len(gaps) // 2]
    fits = [
        fit
        for cadence, (least, most) in _GAPS.items()
        if least <= gap <= most and len(days) >= FEWEST[cadence]
        for on_days, anchor in _calendars(cadence, days)
        if (fit := _fit(cadence, on_days, anchor, days)) is not None
    ]
    return max(fits, key=lambda fit: (fit.hits, fit.to_the_day, fit.latest, fit.days), default=None)


def _calendars(cadence: Cadence, days: Sequence[date]) -> Iterator[tuple[tuple[int, ...], date]]:
    """Calendars worth trying: days of the month, or the weekday, and where to count from."""
    last = days[-1]
    if cadence in ("weekly", "biweekly"):
        # A holiday may have moved the last one: the days before it, and one after it, are tried too.
        for anchor in sorted({*days[-4:], *(day + timedelta(days=1) for day in days[-2:])}):
            yield (anchor.weekday(),), anchor
        return
    likely = _days_of_month(days)
    if cadence == "semimonthly":
        for first in (day for day in likely if day <= 16):
            yield from (
                ((first, second), last) for second in (first + 14, first + 15, LAST_OF_MONTH) if second in likely
            )
    else:
        yield from (((day,), last) for day in likely)


def _days_of_month(days: Sequence[date]) -> Sequence[int]:
    """Days of the month that the latest of these may stand for: up to two days away, and the month's last near its end."""
    latest = {day.day for day in days[-_TRIED_OF:]}
    near = {day + off for day in latest for off in range(-2, 3)}
    if max(latest) > LAST_OF_MONTH - 5:
        near.add(LAST_OF_MONTH)
    return sorted(day for day in near if 1 <= day <= LAST_OF_MONTH)


def _fit(cadence: Cadence, on_days: tuple[int, ...], anchor: date, days: Sequence[date]) -> _Fit | None:
    off = timedelta(days=_OFF_DAYS[cadence])
    unserved = list(days)
    passed = slots = hits = to_the_day = 0
    latest = None
    for slot in nominal_days(cadence, on_days, anchor, days[0] - _MOVED_MOST, days[-1] + _MOVED_MOST):
        real = _serving(slot, off, unserved)
        passed += real is not None or bool(hits)
        if real is None:
            continue
        unserved.remove(real)
        hits, slots, latest = hits + 1, passed, slot  # a slot that nothing served counts once a later one is served
        to_the_day += 2 if real == slot else real in stands_for(slot)
    if latest is None or hits < FEWEST[cadence] or hits * 1000 < _HIT_PERMILLE * max(slots, len(days)):
        return None
    return _Fit(hits, to_the_day, latest, cadence, on_days)


def _serving(slot: date, off: timedelta, days: Sequence[date]) -> date | None:
    standing = stands_for(slot)
    first, after = bisect_left(days, slot - _MOVED_MOST), bisect_right(days, slot + _MOVED_MOST)
    near = [day for day in days[first:after] if day in standing or abs(day - slot) <= off]
    return min(near, key=lambda day: (day not in standing, abs(day - slot), day), default=None)
