"""What was sold on credit and what came in, as the figures of receivables need it: sums by day, in home currency."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ar.models import CreditMemo, CustomerPayment, Invoice
from interlock.domains.ar.services.aging_service import ReceivablesAging
from interlock.domains.bank.control import RECEIVABLE, control_postings
from interlock.domains.firm.models import Business
from interlock.runway.services.calculators.receivable_figures import Period, SalesMonth

MONTHS_BACK = 13
_LONGEST_MONTH_DAYS = 31


class Sold(dict[date, int]):
    """Credit sales by day: invoices less credit memos; a day without is 0."""

    def __missing__(self, day: date) -> int:
        del day
        return 0

    def between(self, first: date, last: date) -> int:
        return sum(minor for day, minor in self.items() if first <= day <= last)


def read_sold(db: Session, business: Business, today: date) -> Sold:
    """The last thirteen months', and more days than a period has."""
    since = today - timedelta(days=MONTHS_BACK * _LONGEST_MONTH_DAYS)
    sold: dict[date, int] = defaultdict(int)
    for model, sign in ((Invoice, 1), (CreditMemo, -1)):
        for day, minor in _by_day(db, business, model, since, today).items():
            sold[day] += sign * minor
    return Sold(sold)


def read_period(db: Session, business: Business, sold: Sold, today: date, days: int) -> Period:
    """The ``days`` up to today. What was owed when they began is what is owed now, less what was sold in them, plus what came in,

    less what journal entries added: applying a payment to another invoice changes nothing of it.
    """
    first = today - timedelta(days=days - 1)
    total = ReceivablesAging(db, business.business_id).as_of(today).total
    owed = total.total_minor - total.foreign_minor
    sales = sold.between(first, today)
    came = sum(_by_day(db, business, CustomerPayment, first, today).values())
    journals = sum(
        each.minor
        for each in control_postings(db, business.business_id, RECEIVABLE, today)
        if each.dated >= first and each.currency == business.home_currency
    )
    return Period(
        last=today,
        days=days,
        begin_minor=owed - sales + came - journals,
        sales_minor=sales,
        end_minor=owed,
        current_minor=max(0, min(total.buckets[0], owed)),
    )


def months_back(sold: Sold, today: date) -> tuple[SalesMonth, ...]:
    """Calendar months, this one up to today first."""
    found, last = [], today
    for _ in range(MONTHS_BACK):
        first = last.replace(day=1)
        found.append(SalesMonth((last - first).days + 1, sold.between(first, last)))
        last = first - timedelta(days=1)
    return tuple(found)


def _by_day(db: Session, business: Business, model: Any, since: date, until: date) -> Mapping[date, int]:
    query = (
        select(model.dated, func.sum(model.total_minor))
        .where(
            model.business_id == business.business_id,
            model.buried_at.is_(None),
            model.voided.is_(False),
            model.currency == business.home_currency,
            model.dated.between(since, until),
        )
        .group_by(model.dated)
    )
    return {day: int(minor) for day, minor in db.execute(query)}
