"""Checks on what the collecting rail pays out: X11, C11 (product-map §1.12); X20, X21 and A16 beside them say what to enter."""

from collections.abc import Iterator

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.paid_out import EntryLine, PaidOut, PayoutEntry
from interlock.runway.services.calculators.words import counted, on_day, sum_of

CLEARING_MINOR = 100
CLEARING_WORKDAYS = 5
_NOTHING = PaidOut()


def not_tied(books: Books) -> Iterator[Claim]:
    """X11: a payout whose parts don't sum to it or that no invoices explain, or that the bank doesn't show past its day."""
    for payout in _paid_out(books).payouts:
        said = _untied(payout, books)
        if said is None or payout.stage in {"recorded", "failed"}:
            continue
        stake, reason, fix = said
        yield Claim(
            _subject(payout),
            f"A payout of {sum_of(payout.amount, books.home_currency)} is not tied",
            reason,
            stake,
            fix,
            (payout.stage, payout.why_not, payout.loose_minor),
        )


def _untied(payout: PayoutEntry, books: Books) -> tuple[Money, str, str] | None:
    whole, due = abs(payout.amount), on_day(payout.arrives_on, books.today)
    if payout.stage == "late":
        also = " QuickBooks shows it all the same." if payout.in_ledger else ""
        return whole, f"It was to arrive on {due}, and no bank line shows it.{also}", "Ask the bank, or look in Stripe"
    if payout.final and payout.why_not is not None:
        return whole, f"{payout.why_not} No deposit can be read off it.", "Take it apart by hand from Stripe’s report"
    if payout.loose:
        money = sum_of(Money(payout.loose_minor, payout.currency), books.home_currency)
        parts = f"{counted(payout.loose, 'movement')} of {money}"
        loose = Money(payout.loose_minor, payout.currency)
        return (
            loose,
            f"{parts} in it {_are(payout.loose)} explained by no invoice.",
            "Say what customers paid for there",
        )
    return None


def not_recorded(books: Books) -> Iterator[Claim]:
    """X20: a payout is at the bank, and the books don't show it: cleared, not recorded. Says the deposit line by line."""
    for payout in _paid_out(books).payouts:
        if payout.stage != "cleared":
            continue
        day = on_day(payout.line_on or payout.arrives_on, books.today)
        lines = "; ".join(_spoken(each, payout.currency) for each in payout.deposit)
        said = f" It holds {lines}." if lines else " What it holds isn’t known yet."
        yield Claim(
            _subject(payout),
            f"A payout of {sum_of(payout.amount, books.home_currency)} is at the bank and not in QuickBooks",
            f"{payout.account or 'The bank'} shows it on {day}.{said}",
            abs(payout.amount),
            f"Enter one deposit of {day} to that account, with these lines",
            (payout.line_on, tuple((each.account, each.minor) for each in payout.deposit)),
            mend_at=Subject("new_deposit", ""),
        )


def clearing_not_empty(books: Books) -> Iterator[Claim]:
    """C11: more than 1.00 lies on a clearing account for more than five workdays."""
    for each in _paid_out(books).clearing:
        old = abs(each.balance_minor) - each.recent_minor
        if old <= CLEARING_MINOR:
            continue
        stake, over = Money(old, each.currency), each.balance_minor > 0
        yield Claim(
            Subject("account", each.account_id),
            f"{sum_of(stake, books.home_currency)} {'lies on' if over else 'is missing on'} {each.name}",
            f"It has lain there for more than {CLEARING_WORKDAYS} workdays: payments are entered whose payout isn’t."
            if over
            else f"For more than {CLEARING_WORKDAYS} workdays more went out than came in: payments in payouts aren’t entered.",
            stake,
            "Enter the deposits of these payouts" if over else "Enter the payments that these payouts hold",
            (each.balance_minor, each.recent_minor),
        )


def waits_for_a_person(books: Books) -> Iterator[Claim]:
    """X21: a payment that Stripe took could not be written down by itself, or nobody knows whether it was."""
    for each in _paid_out(books).waiting:
        amount, day = sum_of(each.amount, books.home_currency), on_day(each.dated, books.today)
        name = f"Invoice {each.number}" if each.number else "An invoice"
        to = f" to {each.account}" if each.account else ""
        yield Claim(
            Subject("invoice", each.invoice_id, each.customer_name, each.number),
            f"{name}: {amount} paid in Stripe {'may or may not be' if each.unknown else 'is not'} in QuickBooks",
            each.why or "It was not written down.",
            each.amount,
            f"Look in QuickBooks first; then have it tried again, or enter {amount} of {day}{to}",
            (each.record_id, each.unknown, each.why),
        )


def paid_at_bank(books: Books) -> Iterator[Claim]:
    """A16: a bank line pays open invoices, and the books don't show it: nobody is chased for them."""
    for each in _paid_out(books).at_bank:
        several = len(each.invoices) > 1
        names = f"{', '.join(each.names[:3])}{' and more' if len(each.names) > 3 else ''}"
        yield Claim(
            Subject("bank_line", each.line_id, each.text),
            f"{names[:1].upper()}{names[1:]} {_are(len(each.invoices))} paid at the bank",
            f"{each.account} shows {sum_of(each.amount, books.home_currency)} on {on_day(each.dated, books.today)}; QuickBooks "
            f"still has {'them' if several else 'it'} open.",
            each.amount,
            f"Enter the payment of {on_day(each.dated, books.today)} on {'these invoices' if several else 'this invoice'}",
            (each.minor, each.dated, each.invoices),
            touches=each.invoices,
            mend_at=Subject("invoice", each.invoices[0]),
        )


def _paid_out(books: Books) -> PaidOut:
    return books.paid_out or _NOTHING


def _subject(payout: PayoutEntry) -> Subject:
    return Subject("payout", payout.id, "Stripe", payout.trace)


def _spoken(line: EntryLine, currency: str) -> str:
    where = f"from {line.account}" if line.account else "from an account to be chosen"
    return f"{Money(line.minor, currency)} of {line.words} {where}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
