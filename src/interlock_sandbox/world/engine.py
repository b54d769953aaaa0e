"""The economy of one company, a day at a time: history and future are made by the same steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from interlock_sandbox.books import BooksFault

from .payables import pay_bills
from .planting import plant
from .purchasing import goods_arrive, return_goods, shop, take_in_bills
from .receivables import apply_payment, bank_takings, customer_pays
from .sales import allow, issue_invoices, serve_counter
from .state import Company, Event
from .treasury import keep_house
from .wages import pay_wages
from .workdays import days_between, is_business_day

HANDLERS: dict[str, Callable[[Company, Event], None]] = {
    "customer pays": customer_pays,
    "apply payment": apply_payment,
    "allow": allow,
    "goods arrive": goods_arrive,
    "return goods": return_goods,
    "plant": plant,
}
# Money in comes before money out, so that a pay run sees what was banked the same day.
ROUTINE: tuple[Callable[[Company], None], ...] = (
    issue_invoices,
    serve_counter,
    take_in_bills,
    shop,
    bank_takings,
    pay_wages,
    keep_house,
    pay_bills,
)


def run(company: Company, first: date, end: date) -> None:
    """Live the days from `first` up to but not including `end`."""
    for day in days_between(first, end):
        if not is_business_day(day):
            continue
        company.open_day(day)
        for event in company.agenda.pop(day, []):
            _step(company, partial(HANDLERS[event.kind], company, event))
        for routine in ROUTINE:
            _step(company, partial(routine, company))


def _step(company: Company, act: Callable[[], None]) -> None:
    """One act of the day. Once the world is live, others may have removed what it needs: then it does not happen."""
    try:
        act()
    except BooksFault as fault:
        if not company.live:
            raise
        company.refused.append((company.day, str(fault)))
