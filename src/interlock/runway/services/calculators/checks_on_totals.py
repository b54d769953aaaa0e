"""Checks that hold sums against the ledger's own: X15, X16 (product-map §1.12)."""

from collections.abc import Iterator

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import Books, ControlAccount
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.words import on_day, sum_of

_SIDES = {"Accounts Payable": ("payables", "bills"), "Accounts Receivable": ("receivables", "invoices")}


def off_control_account(books: Books) -> Iterator[Claim]:
    """X15: open documents don't sum to the control account. Names the journal entries on it, then what they leave."""
    for control in books.control:
        difference = control.book_minor - control.subledger_minor
        if difference == 0:
            continue
        yield from _journals(books, control)
        left = difference - sum(entry.minor for entry in control.entries)
        if left:
            yield _unexplained(books, control, left)


def mirror_differs(books: Books) -> Iterator[Claim]:
    """X16: at the last full reading QuickBooks counted or summed differently from what we hold. All totals are then not tied."""
    proof = books.proof
    if proof is None:
        return
    day = on_day(proof.report_date, books.today)
    nothing = Money.zero(books.home_currency)
    for entity, theirs in sorted(proof.counts.items()):
        ours = proof.counts_here.get(entity, 0)
        if ours == theirs:
            continue
        yield Claim(
            Subject("ledger", entity),
            f"QuickBooks has {theirs} rows of {entity.replace('_', ' ')}, we hold {ours}",
            f"Counted on {day}; until it agrees no total here is tied.",
            nothing,
            "Read the company again in full",
            (entity, theirs, ours),
        )
    for side, theirs, ours in (
        ("payables", proof.payables_minor, proof.payables_here_minor),
        ("receivables", proof.receivables_minor, proof.receivables_here_minor),
    ):
        if ours == theirs:
            continue
        off = Money(ours - theirs, books.home_currency)
        yield Claim(
            Subject("ledger", side),
            f"{side.capitalize()} are off QuickBooks by {off}",
            f"Its aging report of {day} says {Money(theirs, books.home_currency)}, ours {Money(ours, books.home_currency)}.",
            abs(off),
            "Read the company again in full",
            (side, theirs, ours),
        )


def _journals(books: Books, control: ControlAccount) -> Iterator[Claim]:
    side, documents = _SIDES[control.kind]
    for entry in control.entries:
        if entry.minor == 0:
            continue
        amount = Money(entry.minor, books.home_currency)
        does = "adds to" if entry.minor > 0 else "takes from"
        yield Claim(
            Subject("journal_entry", entry.id, None, entry.number),
            f"Journal entry {entry.number or entry.id} goes straight to {side}",
            f"Of {on_day(entry.dated, books.today)}, it {does} {control.account_name} "
            f"{sum_of(abs(amount), books.home_currency)} that no open {documents} show.",
            abs(amount),
            "Enter a document instead",
            (entry.minor,),
        )


def _unexplained(books: Books, control: ControlAccount, left: int) -> Claim:
    side, documents = _SIDES[control.kind]
    book, sub = (
        Money(control.book_minor, books.home_currency),
        Money(control.subledger_minor, books.home_currency),
    )
    off = Money(left, books.home_currency)
    return Claim(
        Subject("account", control.account_id or side, None, None),
        f"{control.account_name} is off its open {documents} by {off}",
        f"The account says {book}, open {documents} less credits {sub}; journal entries don't explain {off} of it.",
        abs(off),
        f"Compare the {side} aging detail with the account",
        (control.book_minor, control.subledger_minor, left),
    )
