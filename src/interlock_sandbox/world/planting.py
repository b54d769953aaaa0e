"""When which hygiene problem is put into whose books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from . import flaws_in_bills, flaws_in_invoices
from .model import Planted
from .state import Company, Event
from .workdays import on_or_before

Plant = Callable[[Company], list[Planted]]

# kind of flaw: (how it is planted, days before the world is first shown). Kinds begin with the id of their rule.
PLANTS: dict[str, tuple[Plant, int]] = {
    "B01": (flaws_in_bills.without_due_date, 18),
    "B02": (flaws_in_bills.due_before_dated, 15),
    "B03": (flaws_in_bills.from_inactive_vendor, 26),
    "B04": (flaws_in_bills.without_number, 11),
    "B05 paid": (flaws_in_bills.again_after_paid, 12),
    "B05 open": (flaws_in_bills.again_while_open, 9),
    "B06": (flaws_in_bills.probably_again, 8),
    "B09": (flaws_in_bills.paid_by_check, 10),
    "B10": (flaws_in_bills.dated_in_closed_period, 20),
    "B13": (flaws_in_bills.for_nothing, 16),
    "B15": (flaws_in_bills.uncategorized, 13),
    "B22": (flaws_in_bills.credit_not_used, 24),
    "A01": (flaws_in_invoices.without_email, 27),
    "A02": (flaws_in_invoices.never_sent, 17),
    "A03": (flaws_in_invoices.without_due_date, 19),
    "A05": (flaws_in_invoices.payment_not_applied, 21),
    "A06": (flaws_in_invoices.credit_not_applied, 22),
    "A07": (flaws_in_invoices.paid_too_much, 23),
    "C01": (flaws_in_invoices.left_undeposited, 25),
    "X15 payable": (flaws_in_bills.accrued_to_payables, 28),
    "X15 receivable": (flaws_in_invoices.booked_to_receivables, 29),
}
DAYS_BETWEEN_THE_SAME = 5


def plan(company: Company) -> None:
    """Put this character's flaws on the agenda, each so many days before the world is first shown."""
    for kind, count in company.profile.flaws:
        _, days = PLANTS[kind]
        for index in range(count):
            wanted = company.as_of - timedelta(days=days + DAYS_BETWEEN_THE_SAME * index)
            company.agenda.setdefault(on_or_before(wanted), []).append(Event("plant", kind))


def plant(company: Company, event: Event) -> None:
    """Plant one; without a fitting document today, try again tomorrow."""
    planted = PLANTS[event.ref][0](company)
    if planted:
        company.planted += planted
    else:
        company.expect(company.day + timedelta(days=1), event)
