"""Checks across rails: V02, V03, X01 to X03, X12 to X14 (product-map §1.12)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from difflib import SequenceMatcher

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import Books, VendorEntry
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.witnessed import RailBillEntry
from interlock.runway.services.calculators.words import counted, on_day, sum_of

SAME_NAME = 0.92
PAID_HOURS = 24
GAP_DAYS = 25
_LOOK_BACK_DAYS = 30
_HUNDREDFOLD = range(95, 106)
_LEGAL_FORMS = frozenset({"inc", "llc", "llp", "ltd", "co", "corp", "company", "limited", "the", "incorporated"})


def not_payable(books: Books) -> Iterator[Claim]:
    """V02: a vendor with open bills that the paying rail can't pay: it isn't there, or has no account there."""
    seen = books.witnessed
    if seen is None or "ramp" not in seen.linked:
        return
    open_by_vendor: dict[str, int] = defaultdict(int)
    for bill in books.bills:
        if bill.vendor_id is not None and bill.currency == books.home_currency and bill.balance_minor > 0:
            open_by_vendor[bill.vendor_id] += bill.balance_minor
    there = {ledger_id: each for each in seen.rail_vendors for ledger_id in each.ledger_ids}
    for vendor_id, minor in open_by_vendor.items():
        vendor, mapped = books.vendors.get(vendor_id), there.get(vendor_id)
        if vendor is None or (mapped is not None and mapped.payable is not False):
            continue
        yield Claim(
            Subject("vendor", vendor_id, vendor.name),
            f"{vendor.name} can’t be paid by Ramp",
            "It has no account there that can be paid."
            if mapped
            else "It is no vendor there, or nobody said which one it is.",
            Money(minor, books.home_currency),
            "Have the vendor give its account in Ramp" if mapped else "Link the vendor, or take it on in Ramp",
            (mapped.id if mapped else None,),
        )


def vendor_twice(books: Books) -> Iterator[Claim]:
    """V03: two active vendors whose names are all but one. Review only; nothing is merged by itself."""
    open_by_vendor: dict[str, Money] = defaultdict(lambda: Money.zero(books.home_currency))
    for bill in books.bills:
        if bill.vendor_id is not None and bill.currency == books.home_currency:
            open_by_vendor[bill.vendor_id] += bill.balance
    by_start: dict[str, list[tuple[str, VendorEntry]]] = defaultdict(list)
    for vendor in sorted(books.vendors.values(), key=lambda each: each.id):
        bare = bare_name(vendor.name)
        if vendor.active and bare:
            by_start[bare[:2]].append((bare, vendor))
    for alike in by_start.values():
        for place, (bare, vendor) in enumerate(alike):
            twin = next((other for said, other in alike[:place] if same_name(bare, said)), None)
            if twin is not None:
                yield Claim(
                    Subject("vendor", vendor.id, vendor.name),
                    f"{vendor.name} and {twin.name} may be one vendor",
                    "Their names are all but the same; bills entered for both are not seen as duplicates.",
                    max(open_by_vendor[vendor.id], open_by_vendor[twin.id], key=lambda each: each.minor),
                    "Merge them in QuickBooks, if they are one",
                    (twin.id, twin.name, vendor.name),
                )


def paid_there_open_here(books: Books) -> Iterator[Claim]:
    """X01: paid in Ramp for a day, and the books don't show it."""
    seen = books.witnessed
    for bill in seen.rail_bills if seen else ():
        still_open = bill.ledger_balance_minor is not None and bill.ledger_balance_minor > 0
        if seen is None or not bill.paid or bill.paid_at is None or not (still_open or not bill.payment_synced):
            continue
        if seen.now - bill.paid_at <= timedelta(hours=PAID_HOURS) or bill.ledger_balance_minor == 0:
            continue
        yield Claim(
            _subject(bill),
            f"{_named(bill)} is paid in Ramp and open in QuickBooks"
            if still_open
            else f"{_named(bill)}: paid in Ramp, not recorded",
            f"Paid on {on_day(bill.paid_at.date(), books.today)}; until the books show it, it looks as if it were still owed.",
            bill.total,
            "Record the payment in QuickBooks, or let Ramp’s sync do it",
            (bill.paid_at, bill.ledger_balance_minor),
        )


def paid_here_open_there(books: Books) -> Iterator[Claim]:
    """X02: paid in the books, and Ramp still has it open with a payment: it may go out a second time."""
    for bill in books.witnessed.rail_bills if books.witnessed else ():
        if bill.ledger_balance_minor != 0 or bill.paid or not bill.scheduled:
            continue
        yield Claim(
            _subject(bill),
            f"{_named(bill)} is paid in QuickBooks, and Ramp is about to pay it",
            "QuickBooks shows nothing open; the payment in Ramp would be a second one.",
            bill.total,
            "Stop the payment in Ramp",
            (bill.total_minor, bill.ledger_balance_minor),
        )


def rails_disagree(books: Books) -> Iterator[Claim]:
    """X03: the same bill with another amount, vendor, currency or number there."""
    for bill in books.witnessed.rail_bills if books.witnessed else ():
        if bill.ledger_id is None or bill.ledger_total_minor is None or bill.ours or _hundredfold(bill):
            continue  # what we had made there is held against its decision, which may be for a part
        differences = []
        if bill.ledger_currency != bill.currency:
            differences.append(f"currency {bill.currency} there, {bill.ledger_currency} here")
        elif bill.ledger_total_minor != bill.total_minor:
            here = Money(bill.ledger_total_minor, bill.currency)
            differences.append(f"{bill.total} there, {here} here")
        if _norm(bill.number) != _norm(bill.ledger_number):
            differences.append(f"number {bill.number or 'none'} there, {bill.ledger_number or 'none'} here")
        if not bill.vendor_agrees:
            differences.append(f"vendor {bill.vendor_name or 'none'} there, {bill.ledger_vendor or 'none'} here")
        if differences:
            yield Claim(
                _subject(bill),
                f"{_named(bill)} is not the same in Ramp and QuickBooks",
                f"{'; '.join(differences)}.".capitalize()
                if len(differences) == 1
                else f"It has {'; '.join(differences)}.",
                bill.total,
                "Correct the one that is wrong",
                (bill.number, bill.total_minor, bill.ledger_number, bill.ledger_total_minor, bill.vendor_agrees),
            )


def unit_trap(books: Books) -> Iterator[Claim]:
    """X14: one says a hundred times the other: cents were taken for dollars somewhere."""
    for bill in books.witnessed.rail_bills if books.witnessed else ():
        if _hundredfold(bill) and bill.ledger_total_minor is not None:
            here = Money(bill.ledger_total_minor, bill.currency)
            yield Claim(
                _subject(bill),
                f"{_named(bill)} is a hundred times as much on one side",
                f"Ramp has {sum_of(bill.total, books.home_currency)}, QuickBooks {sum_of(here, books.home_currency)}.",
                max(bill.total, here, key=lambda each: each.minor),
                "Find out which one is right before anything is paid",
                (bill.total_minor, bill.ledger_total_minor),
            )


def sync_gap(books: Books) -> Iterator[Claim]:
    """X12: QuickBooks was not read for so long that its account of changes no longer reaches back."""
    seen = books.witnessed
    last = seen.synced.get("qbo") if seen else None
    if seen is None or last is None or seen.now - last <= timedelta(days=GAP_DAYS):
        return
    days = (seen.now - last).days
    yield Claim(
        Subject("rail", "qbo"),
        f"QuickBooks was not read for {counted(days, 'day')}",
        f"It tells what changed for {_LOOK_BACK_DAYS} days only; beyond that everything is read again.",
        sum(
            (bill.balance for bill in books.bills if bill.currency == books.home_currency),
            Money.zero(books.home_currency),
        ),
        "Sync in full now",
        (last.date(),),
    )


def approval_bypassed(books: Books) -> Iterator[Claim]:
    """X13: bills that a program made in Ramp already approved; Ramp's own approvals never saw them."""
    seen = books.witnessed
    bypassing = [
        bill
        for bill in (seen.rail_bills if seen else ())
        if bill.made_by_program and bill.approved and not bill.paid and bill.currency == books.home_currency
    ]
    if bypassing:
        total = Money(sum(bill.total_minor for bill in bypassing), books.home_currency)
        yield Claim(
            Subject("rail", "ramp"),
            f"{counted(len(bypassing), 'open bill')} in Ramp came in already approved",
            "A program made them through Ramp’s API, which skips Ramp’s approvals; nobody there has agreed to pay them.",
            total,
            "Look at who may make bills through the API",
            tuple(sorted(bill.id for bill in bypassing)),
        )


def bare_name(name: str) -> str:
    """A vendor's name as two are compared: lower case, letters and digits, without a legal form."""
    words = re.findall(r"[a-z0-9]+", name.casefold())
    return " ".join(word for word in words if word not in _LEGAL_FORMS)


def same_name(first: str, second: str) -> bool:
    """Whether two bare names are at least 92 % the same."""
    if first == second:
        return True
    matcher = SequenceMatcher(None, first, second)
    return (
        matcher.real_quick_ratio() >= SAME_NAME and matcher.quick_ratio() >= SAME_NAME and matcher.ratio() >= SAME_NAME
    )


def _subject(bill: RailBillEntry) -> Subject:
    if bill.ledger_id is not None:
        return Subject("bill", bill.ledger_id, bill.vendor_name, bill.ledger_number)
    return Subject("rail_bill", bill.id, bill.vendor_name, bill.number)


def _named(bill: RailBillEntry) -> str:
    who = bill.vendor_name or bill.ledger_vendor or "A bill"
    number = bill.number or bill.ledger_number
    return f"{who} {number}" if number else who


def _hundredfold(bill: RailBillEntry) -> bool:
    here = bill.ledger_total_minor
    if here is None or bill.ledger_currency != bill.currency or min(here, bill.total_minor) <= 0:
        return False
    larger, smaller = max(here, bill.total_minor), min(here, bill.total_minor)
    return larger // smaller in _HUNDREDFOLD


def _norm(number: str | None) -> str:
    return "".join(each for each in (number or "").upper() if each.isalnum()).lstrip("0")
