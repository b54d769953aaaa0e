"""A path issued on a past day with what was known then, and the cash that came of the very same items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from interlock.domains.firm.policy.values import EssentialPolicy, PayRunPolicy
from interlock.runway.services.calculators.behaviour import habits_of
from interlock.runway.services.calculators.flows import Flow
from interlock.runway.services.calculators.placing import (
    Recurs,
    bills,
    bills_to_come,
    confirmed,
    invoices,
    sales_to_come,
    takings_to_come,
    together,
    unconfirmed,
    undeposited,
)
from interlock.runway.services.calculators.recurring import Detected, detect, signature_of
from tests.backtest.books_then import HOME, BooksThen

PATH_DAYS = 91
PAY_RUNS = PayRunPolicy(days=(3,), lead_workdays=2)
ESSENTIAL = EssentialPolicy()


@dataclass(frozen=True, slots=True)
class Issue:
    """``known``: flows of items known at issue; ``guessed``: of what nobody had written down yet."""

    books: BooksThen
    today: date
    known: tuple[Flow, ...]
    guessed: tuple[Flow, ...]
    confirmed: tuple[Detected, ...]

    def known_by(self, until: date, *, late: bool) -> int:
        return said_by(self.known, until, late=late)

    def came_by(self, until: date) -> int:
        """Cash of the same items after the day of issue up to ``until``: what was received on them, less what was paid on them."""
        books, today = self.books, self.today
        open_in = {each.id for each in books.open_invoices(today)}
        open_out = {each.id for each in books.open_bills(today)}
        series = {each.signature for each in self.confirmed}
        later_bills = {
            row["Id"] for row in books.bills if books.bill_signature(row) in series and row["Id"] not in open_out
        }
        received = sum(
            part.minor
            for part in books.receipts
            if part.document_id in open_in and part.dated > today and part.on <= until
        )
        banked = sum(each.minor for each, deposited in books.waiting(today) if deposited <= until)
        paid = sum(
            part.minor
            for part in books.payments
            if today < part.on <= until and (part.document_id in open_out or part.document_id in later_bills)
        )
        recurred = sum(
            each.minor for each in books.movements if today < each.dated <= until and signature_of(each) in series
        )
        return received + banked - paid - recurred

    def arrivals(self) -> list[tuple[Flow, date | None]]:
        """Each open invoice placed at issue, with the day on which the last of its money came, if it did."""
        came: dict[str, date] = {}
        for part in self.books.receipts:
            if part.dated > self.today:
                came[part.document_id] = max(part.on, came.get(part.document_id, part.on))
        return [(flow, came.get(flow.source.id)) for flow in self.known if flow.kind == "receipt"]


def issue(books: BooksThen, today: date) -> Issue:
    """As a person would have had it who confirmed every wage, tax, rent, debt, card and utility that was detected by then."""
    until = today + timedelta(days=PATH_DAYS)
    history = books.history(today)
    habits = habits_of(books.paid(today), today)
    found = detect(history, today, HOME)
    chosen = tuple(each for each in found if each.category != "recurring" and not each.inflow)
    seen: dict[str, list[date]] = defaultdict(list)
    for each in history:
        seen[signature_of(each)].append(each.dated)
    known = together(
        (
            invoices(books.open_invoices(today), habits, today, HOME),
            undeposited([each for each, _ in books.waiting(today)], habits_of(books.lags(today), today), today, HOME),
            bills(books.open_bills(today), PAY_RUNS, ESSENTIAL, today, HOME),
            confirmed(
                [_as_confirmed(each) for each in chosen],
                seen,
                books.cards(today),
                ESSENTIAL,
                PAY_RUNS,
                today,
                until,
                HOME,
            ).placed,
        )
    )
    on_calendar = {each.signature for each in found}
    irregular = [row for row in books.bills if books.bill_signature(row) not in on_calendar]
    guessed = together(
        (
            sales_to_come(books.written(books.invoices, today), habits, today, until, HOME),
            takings_to_come([each for each in books.takings if each.dated <= today], today, until, HOME),
            unconfirmed([each for each in found if each not in chosen], seen, PAY_RUNS, today, until),
            bills_to_come(books.written(irregular, today), PAY_RUNS, today, until, HOME),
        )
    )
    return Issue(books, today, known.flows, guessed.flows, chosen)


def said_by(flows: Sequence[Flow], until: date, *, late: bool) -> int:
    return sum(flow.minor for flow in flows if (flow.late if late else flow.likely) <= until)


def _as_confirmed(each: Detected) -> Recurs:
    return Recurs(
        each.signature,
        each.signature,
        each.name,
        each.category,
        each.inflow,
        each.cadence,
        each.days,
        each.anchor,
        each.amount_minor,
        each.currency,
    )
