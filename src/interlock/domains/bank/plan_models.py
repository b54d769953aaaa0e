"""What people have said of cash to come: money set aside, and what recurs."""

from datetime import date, datetime

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole


class Earmark(Scoped, Base):
    """Money set aside for a purpose (product-map §2.1). ``category``: its place in the waterfall (payroll, tax, rent, utilities,

    debt, supplier, other); ``state``: active, consumed (by ``consumed_kind``/``consumed_id``, the matched payment) or
    released by a person. ``recurring_id``: what it is for, where that recurs; ``vendor_id`` where it is a vendor's.
    """

    __tablename__ = "earmark"

    earmark_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(20))
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    needed_on: Mapped[date | None] = mapped_column(Date)
    recurring_id: Mapped[str | None] = mapped_column(String(40))
    vendor_id: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    consumed_kind: Mapped[str | None] = mapped_column(String(20))
    consumed_id: Mapped[str | None] = mapped_column(String(80))
    consumed_minor: Mapped[int] = mapped_column(Whole, default=0)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class RecurringItem(Scoped, Base):
    """A payment or receipt that recurs: detected in the books, then confirmed (or refused) by a person once.

    ``signature`` names what was detected (kind, party or accounts) and stays the same between detections; ``state``: confirmed,
    refused or ended; ``cadence``: weekly, biweekly, semimonthly, monthly or quarterly; ``days``: JSON, the weekday or days of
    the month; ``amount_minor`` above zero, ``inflow`` says which way. ``anchor``: a date it happened on.
    """

    __tablename__ = "recurring_item"

    recurring_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    signature: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(20))
    inflow: Mapped[bool]
    cadence: Mapped[str] = mapped_column(String(20))
    days: Mapped[str] = mapped_column(Text)
    anchor: Mapped[date] = mapped_column(Date)
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    evidence: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(Instant)
