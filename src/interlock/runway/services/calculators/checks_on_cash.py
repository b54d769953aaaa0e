"""Checks of cash to come: C10 and C12 (product-map §1.12)."""

from collections.abc import Iterator
from datetime import timedelta

from interlock.kernel.money import Money
from interlock.runway.services.calculators.books import Books
from interlock.runway.services.calculators.finding import Claim, Subject
from interlock.runway.services.calculators.words import on_day, sum_of

AHEAD_DAYS = 14


def negative(books: Books) -> Iterator[Claim]:
    """C10: an account is overdrawn, or what is sure to come takes cash below zero within fourteen days, at p80 of receipts."""
    home = books.home_currency
    ahead = books.cash_ahead
    if ahead is None:
        return
    for each in ahead.overdrawn:
        amount = Money(-each.minor, home)
        yield Claim(
            Subject("bank_account", each.account_id, each.institution),
            f"{each.spoken} is overdrawn by {sum_of(amount, home)}",
            "The bank says that less than nothing is available.",
            amount,
            "Bring money in, or ask the bank before it returns a payment",
            (each.minor,),
        )
    if ahead.below_on is not None and ahead.below_on <= books.today + timedelta(days=AHEAD_DAYS):
        short = Money(-ahead.lowest_minor, home)
        yield Claim(
            Subject("cash", "path"),
            f"Cash falls below zero on {on_day(ahead.below_on, books.today)}",
            f"What is sure to come and go leaves {sum_of(short, home)} missing by {on_day(ahead.lowest_on, books.today)}, "
            "with each receipt as late as its customer is in one of five cases.",
            short,
            "Look at the cash path: hold what can wait, chase what is late",
            (ahead.below_on, ahead.lowest_minor, ahead.lowest_on),
        )


def payroll_missing(books: Books) -> Iterator[Claim]:
    """C12: payroll comes on a calendar, and two days after it was due nothing of it is in the books."""
    home = books.home_currency
    for each in books.cash_ahead.missing if books.cash_ahead else ():
        amount = Money(each.minor, home)
        basis = "as somebody confirmed it" if each.confirmed else "as the books show it until now"
        yield Claim(
            Subject("recurring", each.id, each.name),
            f"No payroll since it was due on {on_day(each.due, books.today)}",
            f"{each.name} is {sum_of(amount, home)} on its calendar, {basis}; nothing of it is in the books.",
            amount,
            "Ask whether it was run; enter it, or end it under What recurs",
            (each.due, each.minor),
        )
