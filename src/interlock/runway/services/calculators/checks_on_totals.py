"""Checks that hold sums against the ledger's own: X15, X16 (product-map §1.12)."""

from collections.abc import Iterator

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import Books, ControlAccount
from interlock.runway.services.calculators.differences import in_words, is_of_money
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.words import on_day, sum_of

_MOST_NAMED = 20
_ABOUT = {"vendor": "vendor", "customer": "customer", "account": "account"}
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
    """X16: at the last proof QuickBooks counted or summed differently from what we hold. All totals are then not tied."""
    proof = books.proof
    if proof is None:
        return
    day, home = on_day(proof.report_date, books.today), books.home_currency
    for each in proof.located[:_MOST_NAMED]:
        off = Money(each.ours - each.theirs, home) if is_of_money(each) else Money.zero(home)
        unshown = each.what == "row"
        yield Claim(
            Subject(_ABOUT.get(each.what, "ledger"), each.id),
            in_words(each, home),
            f"{each.name.partition('; ')[2].capitalize()} What we hold of it may be old."
            if unshown
            else f"Held against QuickBooks on {day}, and read again then; until it agrees no total here is tied.",
            abs(off),
            "Open it in QuickBooks and save it" if unshown else "Prove the company again",
            (each.what, each.id, each.theirs, each.ours),
        )
    left = len(proof.located) - _MOST_NAMED
    if left > 0:
        yield Claim(
            Subject("ledger", "differences"),
            f"And {left:,} more differences to QuickBooks",
            f"Held against QuickBooks on {day}; `interlock prove` names them all.",
            Money.zero(home),
            "Read the company again in full",
            (left,),
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
