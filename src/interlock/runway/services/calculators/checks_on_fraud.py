"""Checks of what somebody may have arranged: B07, B25, X08 (product-map §1.12)."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate, pairwise

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import BillEntry, Books, Outgoing
from interlock.runway.services.calculators.checks_on_bills import label, on_bill
from interlock.runway.services.calculators.checks_on_payables import NEAR_MINOR, norm, repeats, standing_of, telling
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.likeness_of_text import one_apart
from interlock.runway.services.calculators.words import counted, on_day, sum_of

_BASIS = 10_000
_EVEN_WITHIN_DAYS = 3
_RUN_LEAST = 3
_SERIES_GAP = 3
_SPELLS_LEAST = 3
_LAST_DIGITS = re.compile(r"^(.*?)[\s-]*(\d{1,18})$")


def fuzzy_duplicate(books: Books) -> Iterator[Claim]:
    """B07: one vendor (or two that are probably one), numbers a slip apart, amounts within 1 %, dates within 30 days.

    What B05 or B06 say already is left out, and so is what a vendor who counts its bills up sends anyway: the next number of its
    series for another amount, or bills of about the amount at even distances. Review only.
    """
    policy = books.policy.duplicates
    by_vendor: dict[tuple[str, str], _SentBills] = defaultdict(_SentBills)
    for bill in (*books.bills, *books.other_bills):
        if bill.vendor_id is not None and bill.total_minor > 0 and norm(bill.number):
            by_vendor[_cluster(books, bill.vendor_id), bill.currency].bills.append(bill)

    def alike(bill: BillEntry) -> Iterator[BillEntry]:
        if bill.vendor_id is None or bill.total_minor <= 0 or not norm(bill.number):
            return
        same = by_vendor[_cluster(books, bill.vendor_id), bill.currency]
        about = same.about(bill, policy.fuzzy_basis_points)
        for other in about:
            if abs((bill.dated - other.dated).days) > policy.fuzzy_days or _told(bill, other, policy.probable_days):
                continue
            if not one_apart(norm(bill.number), norm(other.number)) or _recurs(bill, other, about):
                continue
            if abs(bill.total_minor - other.total_minor) <= NEAR_MINOR or not same.is_next(bill):
                yield other

    for bill, twins in repeats(books, alike):
        nearest = telling(twins)
        whose = "" if nearest.vendor_id == bill.vendor_id else f" of {nearest.vendor_name}"
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} is much like another bill",
            f"Number and amount are all but those of {nearest.number}{whose}, {standing_of(nearest, books.today)}.",
            bill.balance,
            "Compare the two documents",
            (bill.number, bill.total_minor, tuple(sorted(twin.id for twin in twins))),
        )


def threshold_splitting(books: Books) -> Iterator[Claim]:
    """B25: two or more bills of one vendor within five days, each under what one person may approve, together at it or above.

    The finding stands on every open one of them; the console settles it: they take two people. A vendor who has sent several
    bills within so few days three times before, for about as much, is only doing as it always does.
    """
    limit, days = books.policy.approvals.one_person_minor, books.policy.duplicates.splitting_days
    by_vendor: dict[str, list[BillEntry]] = defaultdict(list)
    for bill in (*books.bills, *books.other_bills):
        if bill.vendor_id is not None and bill.currency == books.home_currency and 0 < bill.total_minor < limit:
            by_vendor[_cluster(books, bill.vendor_id)].append(bill)
    open_ids = {bill.id for bill in books.bills if bill.balance_minor > 0}
    for bills in by_vendor.values():
        ordered = sorted(bills, key=lambda each: (each.dated, each.id))
        together = _split(ordered, limit, days)
        unusual: dict[tuple[str, ...], bool] = {}  # a group stands on each of its bills, and is judged once
        for bill in bills:
            group = together.get(bill.id)
            if group is None or bill.id not in open_ids:
                continue
            ids = tuple(each.id for each in group)
            if ids not in unusual:
                unusual[ids] = not _as_always(group, ordered, days)
            if not unusual[ids]:
                continue
            total = Money(sum(each.total_minor for each in group), books.home_currency)
            yield Claim(
                on_bill(bill),
                f"{label(bill, books.today)} may be part of a larger sum",
                f"{counted(len(group), 'bill')} of this vendor within {counted(days, 'day')} make {total}; each alone is under"
                f" the {Money(limit, books.home_currency)} that one person may approve.",
                bill.balance,
                "Have a second person approve them together",
                (tuple(sorted(ids)), total.minor, limit),
            )


def bypass(books: Books) -> Iterator[Claim]:
    """X08: money went to a vendor, since decisions are made here, and nobody decided it here."""
    for each in books.outgoing:
        if not each.decided:
            yield Claim(
                Subject(each.kind, each.id, each.vendor_name, each.number),
                f"{sum_of(each.amount, books.home_currency)} went to {each.vendor_name} without a decision here",
                _of_outgoing(each, books.today),
                each.amount,
                "Find out who paid it and why; stop it at the bank if nobody should have",
                (each.vendor_id, each.minor, each.dated),
            )


def _of_outgoing(each: Outgoing, today: date) -> str:
    day = on_day(each.dated, today)
    if each.kind == "bank_line":
        return f"The bank’s line of {day} names this vendor; nobody approved a payment of this amount to it."
    what = "The payment" if each.kind == "bill_payment" else "A check or expense"
    return f"{what}{f' {each.number}' if each.number else ''} of {day} is in the books; nobody approved it here before."


def _cluster(books: Books, vendor_id: str) -> str:
    return books.twins.get(vendor_id, vendor_id)


def _told(bill: BillEntry, other: BillEntry, probable_days: int) -> bool:
    """Whether B05 or B06 has it."""
    if bill.vendor_id != other.vendor_id:
        return False
    near = abs((bill.dated - other.dated).days) <= probable_days
    return norm(bill.number) == norm(other.number) or (near and abs(bill.total_minor - other.total_minor) <= NEAR_MINOR)


def _recurs(bill: BillEntry, other: BillEntry, about: Sequence[BillEntry]) -> bool:
    """Whether at least three bills of about the amount came before at the distance these two have, three days more or less."""
    gap, last = abs((bill.dated - other.dated).days), max(bill.dated, other.dated)
    dates = sorted({each.dated for each in about if each.dated < last})
    even = sum(abs((later - earlier).days - gap) <= _EVEN_WITHIN_DAYS for earlier, later in pairwise(dates))
    return gap > 0 and even >= _RUN_LEAST - 1


def _split(bills: Sequence[BillEntry], limit: int, days: int) -> dict[str, tuple[BillEntry, ...]]:
    """Bill id to the largest group within the days that reaches the limit. ``bills`` by date."""
    found: dict[str, tuple[BillEntry, ...]] = {}
    dates = [each.dated for each in bills]
    sums = [0, *accumulate(each.total_minor for each in bills)]
    for place, first in enumerate(bills):
        end = bisect_right(dates, first.dated + timedelta(days=days))
        if end - place < 2 or sums[end] - sums[place] < limit:
            continue
        group = tuple(bills[place:end])
        for each in group:
            if len(group) > len(found.get(each.id, ())):
                found[each.id] = group
    return found


def _as_always(group: Sequence[BillEntry], bills: Sequence[BillEntry], days: int) -> bool:
    """Whether the vendor sent several bills within the days at least three times before, once for nearly as much or more."""
    before = [bill for bill in bills if bill.dated < group[0].dated]
    spells: list[list[BillEntry]] = []
    for bill in before:
        if spells and (bill.dated - spells[-1][0].dated).days <= days:
            spells[-1].append(bill)
        else:
            spells.append([bill])
    sums = [sum(bill.total_minor for bill in spell) for spell in spells if len(spell) > 1]
    total = sum(bill.total_minor for bill in group)
    return len(sums) >= _SPELLS_LEAST and total * 2 <= max(sums) * 3


class _SentBills:
    """Bills of one vendor in one currency, put in order once however many are asked about."""

    def __init__(self) -> None:
        self.bills: list[BillEntry] = []

    def about(self, bill: BillEntry, basis_points: int) -> list[BillEntry]:
        """Those whose total differs by no more than so much of the larger one."""
        share = _BASIS - basis_points
        totals, ordered = self._by_total
        first = bisect_left(totals, bill.total_minor * share // _BASIS)
        last = bisect_right(totals, -(-bill.total_minor * _BASIS // share)) if share > 0 else len(totals)
        return [each for each in ordered[first:last] if _about(each, bill, basis_points)]

    def is_next(self, bill: BillEntry) -> bool:
        """Whether its number follows the highest one that the vendor's bills had reached by its day."""
        prefix, number = _counted_up(bill)
        if number is None:
            return False
        before, highest = self._series[prefix]
        place = bisect_left(before, (bill.dated, number))
        return place > 0 and 0 < number - highest[place - 1] <= _SERIES_GAP

    @cached_property
    def _by_total(self) -> tuple[list[int], list[BillEntry]]:
        ordered = sorted(self.bills, key=lambda each: each.total_minor)
        return [each.total_minor for each in ordered], ordered

    @cached_property
    def _series(self) -> dict[str, tuple[list[tuple[date, int]], list[int]]]:
        """By prefix: the days and numbers in order, and the highest number reached at each."""
        found: dict[str, list[tuple[date, int]]] = defaultdict(list)
        for bill in self.bills:
            prefix, number = _counted_up(bill)
            if number is not None:
                found[prefix].append((bill.dated, number))
        ordered = {prefix: sorted(numbers) for prefix, numbers in found.items()}
        return {
            prefix: (numbers, list(accumulate((number for _, number in numbers), max)))
            for prefix, numbers in ordered.items()
        }


def _about(one: BillEntry, other: BillEntry, basis_points: int) -> bool:
    larger = max(one.total_minor, other.total_minor)
    return abs(one.total_minor - other.total_minor) * _BASIS <= larger * basis_points


def _counted_up(bill: BillEntry) -> tuple[str, int | None]:
    """``GSW9-1346`` → (``GSW9``, 1346): the last run of digits as written."""
    found = _LAST_DIGITS.match((bill.number or "").strip().upper())
    return (found[1], int(found[2])) if found else ("", None)
