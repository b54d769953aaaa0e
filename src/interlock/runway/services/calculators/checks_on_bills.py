"""Checks that look at one bill with its vendor, terms and lines: B01–B04, B10, B13, B15 (product-map §1.12)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from interlock.runway.services.calculators.books import BillEntry, Books, TermEntry
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.words import document, on_day

# Whole words, so that Basket Supplies and Alaska Freight are not taken for Ask My Accountant.
_UNDECIDED = re.compile(r"\bask\b|\buncateg|\bsuspense\b", re.IGNORECASE)


def on_bill(bill: BillEntry) -> Subject:
    return Subject("bill", bill.id, bill.vendor_name, bill.number)


def label(bill: BillEntry, today: date) -> str:
    return document("bill", bill.vendor_name, bill.number, bill.dated, today)


def missing_due_date(books: Books) -> Iterator[Claim]:
    """B01: no due date. Says the date that the bill's terms, or else the vendor's, would give."""
    for bill in books.bills:
        if bill.due is not None:
            continue
        term = _term_of(books, bill)
        fix, reason = "Set the due date", "Neither the bill nor the vendor has terms that give one."
        if term is not None and term.due_days is not None:
            due = on_day(bill.dated + timedelta(days=term.due_days), books.today)
            fix, reason = f"Set the due date to {due}", f"Its terms, {term.name}, would make it due {due}."
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} has no due date",
            reason,
            bill.balance,
            fix,
            (bill.due, bill.dated, term.id if term else None),
        )


def due_before_dated(books: Books) -> Iterator[Claim]:
    """B02: due before the bill's own date."""
    for bill in books.bills:
        if bill.due is None or bill.due >= bill.dated:
            continue
        due, dated = on_day(bill.due, books.today), on_day(bill.dated, books.today)
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} is due before it is dated",
            f"Due {due}, dated {dated}; one of the two is wrong.",
            bill.balance,
            "Correct the dates",
            (bill.due, bill.dated),
        )


def vendor_gone(books: Books) -> Iterator[Claim]:
    """B03: no vendor, or one made inactive."""
    for bill in books.bills:
        vendor = books.vendors.get(bill.vendor_id or "")
        if vendor is not None and vendor.active:
            continue
        if bill.vendor_id is None:
            reason, fix, mend_at = "The bill names no vendor, so nobody can be paid.", "Name the vendor", None
        else:
            reason = "The vendor is inactive in QuickBooks; a payment to it would be refused."
            fix, mend_at = "Make the vendor active, or move the bill", Subject("vendor", bill.vendor_id)
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} has no vendor to pay",
            reason,
            bill.balance,
            fix,
            (bill.vendor_id, vendor.active if vendor else None),
            mend_at=mend_at,
        )


def no_number(books: Books) -> Iterator[Claim]:
    """B04: without the vendor's number an exact duplicate can't be seen."""
    for bill in books.bills:
        if (bill.number or "").strip():
            continue
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} has no vendor number",
            "Without the vendor's own number a second copy of it would not be noticed.",
            bill.balance,
            "Enter the number",
            (bill.number,),
        )


def in_closed_period(books: Books) -> Iterator[Claim]:
    """B10: open, and dated no later than the day the books are closed through."""
    closed = books.closed_through
    for bill in books.bills:
        if closed is None or bill.dated > closed:
            continue
        dated, through = on_day(bill.dated, books.today), on_day(closed, books.today)
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} is dated in a closed period",
            f"Dated {dated}; the books are closed through {through}, so a change to it will be refused.",
            bill.balance,
            "Redate it, or reopen the period",
            (bill.dated, closed),
        )


def without_amount(books: Books) -> Iterator[Claim]:
    """B13: a total of zero or less, open or not. A negative one should be a vendor credit."""
    for bill in (*books.bills, *books.other_bills):
        if bill.total_minor > 0:
            continue
        below = bill.total_minor < 0
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} has a total {'below zero' if below else 'of zero'}",
            "What a vendor owes belongs in a vendor credit." if below else "A bill for nothing asks for nothing.",
            abs(bill.total),
            "Enter a vendor credit instead" if below else "Enter the amount, or delete it",
            (bill.total_minor,),
        )


def uncategorised(books: Books) -> Iterator[Claim]:
    """B15: a line coded to an account that decides nothing."""
    for bill in books.bills:
        names = sorted({name for id_ in bill.account_ids if is_undecided(name := books.account_names.get(id_, ""))})
        if not names:
            continue
        yield Claim(
            on_bill(bill),
            f"{label(bill, books.today)} is coded to {names[0]}",
            f"{' and '.join(names)} says nothing about what was bought.",
            bill.balance,
            "Code the line",
            (tuple(names),),
        )


def is_undecided(account_name: str) -> bool:
    """Whether an account's name says that somebody still has to decide."""
    return _UNDECIDED.search(account_name) is not None


def _term_of(books: Books, bill: BillEntry) -> TermEntry | None:
    vendor = books.vendors.get(bill.vendor_id or "")
    for term_id in (bill.term_id, vendor.term_id if vendor else None):
        term = books.terms.get(term_id or "")
        if term is not None and term.due_days is not None:
            return term
    return None
