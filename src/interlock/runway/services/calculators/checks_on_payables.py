"""Checks that hold bills against other documents of the vendor: B05, B06, B09, B22 (product-map §1.12)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import BillEntry, Books, OpenCredit, PurchaseEntry
from interlock.runway.services.calculators.checks_on_bills import label, on_bill
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.words import counted, on_day, sum_of

LOOK_BACK_DAYS = 730
NEAR_DAYS = 10
NEAR_MINOR = 1
PAID_BEFORE_DAYS, PAID_AFTER_DAYS = 7, 45
_MONTH_DAYS = range(25, 36)
_EARLIER_FOR_RECURRING = 3
_NUMBERS_KEPT = 32_768

_METHODS = {"check": "check", "creditcard": "card charge", "cash": "cash expense"}


@lru_cache(maxsize=_NUMBERS_KEPT)
def norm(number: str | None) -> str:
    """A document number as duplicates compare it: upper case, letters and digits only, no leading zeros."""
    return "".join(each for each in (number or "").upper() if each.isalnum()).lstrip("0")


def exact_duplicate(books: Books) -> Iterator[Claim]:
    """B05: same vendor and same number, open or paid, within 24 months whatever the fiscal year."""
    by_number: dict[tuple[str | None, str], list[BillEntry]] = defaultdict(list)
    for bill in (*books.bills, *books.other_bills):
        by_number[bill.vendor_id, norm(bill.number)].append(bill)

    def same_number(bill: BillEntry) -> Iterator[BillEntry]:
        number = norm(bill.number)
        for other in by_number[bill.vendor_id, number] if number and bill.vendor_id else ():
            if abs((bill.dated - other.dated).days) <= LOOK_BACK_DAYS:
                yield other

    for bill, twins in repeats(books, same_number):
        nearest = telling(twins)
        others = f", and {counted(len(twins) - 1, 'more', 'more')}" if len(twins) > 1 else ""
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} is a duplicate",
            f"Same vendor and number as {nearest.number}, {standing_of(nearest, books.today)}{others}.",
            bill.balance,
            "Void or renumber one of them",
            (bill.vendor_id, norm(bill.number), tuple(sorted(twin.id for twin in twins))),
        )


def probable_duplicate(books: Books, near_days: int = NEAR_DAYS) -> Iterator[Claim]:
    """B06: same vendor and amount within ten days, under another number or none; a monthly bill that recurs is none.

    At the default of ten days nothing at monthly distance is compared at all; the exception counts where a firm widens
    ``near_days``.
    """
    by_amount: dict[tuple[str | None, str, int], list[BillEntry]] = defaultdict(list)
    for bill in (*books.bills, *books.other_bills):
        by_amount[bill.vendor_id, bill.currency, bill.total_minor].append(bill)

    def same_amount(bill: BillEntry) -> list[BillEntry]:
        totals = range(bill.total_minor - NEAR_MINOR, bill.total_minor + NEAR_MINOR + 1)
        return [other for minor in totals for other in by_amount.get((bill.vendor_id, bill.currency, minor), ())]

    def near(bill: BillEntry) -> Iterator[BillEntry]:
        for other in same_amount(bill) if bill.vendor_id and bill.total_minor > 0 else ():
            days = abs((bill.dated - other.dated).days)
            same_number = norm(bill.number) and norm(bill.number) == norm(other.number)
            if days <= near_days and not same_number and not _is_monthly(bill, other, same_amount(bill)):
                yield other

    for bill, twins in repeats(books, near):
        nearest = telling(twins)
        called = nearest.number or f"the bill of {on_day(nearest.dated, books.today)}"
        days = abs((bill.dated - nearest.dated).days)
        apart = "on the same day" if days == 0 else counted(days, "day") + " apart"
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} is probably a duplicate",
            f"Same vendor and amount as {called}, {apart}, {standing_of(nearest, books.today)}.",
            bill.balance,
            "Check with the vendor, then void one",
            (bill.vendor_id, bill.total_minor, bill.dated, tuple(sorted(twin.id for twin in twins))),
        )


def paid_outside(books: Books) -> Iterator[Claim]:
    """B09: open, while money of the same amount went to the vendor around its date and is not linked to it."""
    by_vendor: dict[str, list[PurchaseEntry]] = defaultdict(list)
    for purchase in books.purchases:
        by_vendor[purchase.vendor_id].append(purchase)
    for bill in books.bills:
        paid = [each for each in by_vendor.get(bill.vendor_id or "", ()) if _may_have_paid(each, bill)]
        if not paid:
            continue
        nearest = min(paid, key=lambda each: abs((each.dated - bill.dated).days))
        what = _METHODS.get(nearest.method, "payment") + (f" {nearest.number}" if nearest.number else "")
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} may be paid already",
            f"A {what} of the same amount went to this vendor on {on_day(nearest.dated, books.today)}, not linked to the bill.",
            bill.balance,
            "Link the payment, or confirm it was for something else",
            (bill.id, bill.total_minor, tuple(sorted(each.id for each in paid))),
            mend_at=Subject("check" if nearest.method == "check" else "purchase", nearest.id),
        )


def credit_unused(books: Books) -> Iterator[Claim]:
    """B22: the vendor owes a credit in the bill's currency. Counted on the earliest bills it would pay, once in all."""
    credits: dict[tuple[str | None, str], list[OpenCredit]] = defaultdict(list)
    for credit in books.vendor_credits:
        credits[credit.party_id, credit.currency].append(credit)
    left = {key: sum(credit.open_minor for credit in found) for key, found in credits.items()}
    for bill in sorted(books.bills, key=lambda each: (each.due or each.dated, _entered(each))):
        key = (bill.vendor_id, bill.currency)
        if bill.balance_minor <= 0 or key not in credits:
            continue
        used = min(left[key], bill.balance_minor)
        left[key] -= used
        names = " and ".join(credit.number or f"of {on_day(credit.dated, books.today)}" for credit in credits[key])
        total = Money(sum(credit.open_minor for credit in credits[key]), bill.currency)
        after = "" if used else " Earlier bills of the vendor use it up."
        yield Claim(
            on_bill(bill),
            f"{bill.vendor_name or 'The vendor'} has a credit open",
            f"Credit {names}, {sum_of(total, books.home_currency)}, is not applied; the bill would be paid in full.{after}",
            Money(used, bill.currency),
            "Apply the credit first",
            (bill.id, bill.balance_minor, tuple((credit.id, credit.open_minor) for credit in credits[key])),
        )


def repeats(
    books: Books, alike: Callable[[BillEntry], Iterable[BillEntry]]
) -> Iterator[tuple[BillEntry, list[BillEntry]]]:
    """Open bills with what they repeat. Of two open ones the later entered is the repeat; of an open and a paid, the open."""
    open_ids = {bill.id for bill in books.bills}
    for bill in books.bills:
        twins = [
            other
            for other in alike(bill)
            if other.id != bill.id and (other.id not in open_ids or _entered(other) < _entered(bill))
        ]
        if twins:
            yield bill, twins


def _is_monthly(bill: BillEntry, other: BillEntry, same_amount: Iterable[BillEntry]) -> bool:
    """Whether the two stand a month apart after at least three bills of the amount that do so too."""
    if abs((bill.dated - other.dated).days) < _MONTH_DAYS.start:
        return False
    last = max(bill.dated, other.dated)
    dates = sorted(each.dated for each in same_amount if each.dated < last)
    monthly = sum((later - earlier).days in _MONTH_DAYS for earlier, later in pairwise(dates))
    return monthly >= _EARLIER_FOR_RECURRING - 1


def _may_have_paid(purchase: PurchaseEntry, bill: BillEntry) -> bool:
    first, last = bill.dated - timedelta(days=PAID_BEFORE_DAYS), bill.dated + timedelta(days=PAID_AFTER_DAYS)
    return (
        purchase.currency == bill.currency
        and abs(purchase.total_minor - bill.total_minor) <= NEAR_MINOR
        and first <= purchase.dated <= last
        and bill.id not in purchase.linked_bills
    )


def telling(twins: list[BillEntry]) -> BillEntry:
    """The twin to name: a paid one before an open one, the latest of them."""
    return max(twins, key=lambda twin: (twin.balance_minor == 0, twin.dated, _entered(twin)))


def standing_of(twin: BillEntry, today: date) -> str:
    state = "paid" if twin.balance_minor == 0 else "still open"
    return f"dated {on_day(twin.dated, today)} and {state}"


def _entered(bill: BillEntry) -> tuple[int, str]:
    """QuickBooks hands out ids in order, so the higher one was entered later."""
    return len(bill.id), bill.id
