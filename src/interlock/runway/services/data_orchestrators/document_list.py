"""Lists of bills and invoices, a page at a time: open ones, paid ones, or all, newest or most due first."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, TypeVar

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from interlock.domains.ap.models import Bill
from interlock.domains.ar.models import Invoice

Which = Literal["open", "paid", "all"]
PAGE_ROWS = 200
MOST_ROWS = 1_000

D = TypeVar("D", Bill, Invoice)


class Wanted(Struct, frozen=True):
    """What is asked for. ``party`` is a vendor's or customer's whole name; the due dates are both included, and where

    one is given a document without a due date is not shown.
    """

    which: Which = "open"
    party: str | None = None
    due_from: date | None = None
    due_to: date | None = None


class DocumentList:
    """Reads pages of one business's standing documents."""

    def __init__(self, db: Session, business_id: str) -> None:
        self._db = db
        self._business_id = business_id

    def bills(self, wanted: Wanted, offset: int, most: int) -> tuple[Sequence[Bill], int]:
        """A page and how many there are in all."""
        return self._page(Bill, Bill.vendor_name, wanted, offset, most)

    def invoices(self, wanted: Wanted, offset: int, most: int) -> tuple[Sequence[Invoice], int]:
        """The same for invoices."""
        return self._page(Invoice, Invoice.customer_name, wanted, offset, most)

    def _page(
        self, model: type[D], party: InstrumentedAttribute[Any], wanted: Wanted, offset: int, most: int
    ) -> tuple[Sequence[D], int]:
        query = select(model).where(model.business_id == self._business_id, model.buried_at.is_(None))
        if wanted.which != "all":
            query = query.where(model.balance_minor != 0 if wanted.which == "open" else model.balance_minor == 0)
        if wanted.party is not None:
            query = query.where(party == wanted.party)
        if wanted.due_from is not None:
            query = query.where(model.due >= wanted.due_from)
        if wanted.due_to is not None:
            query = query.where(model.due <= wanted.due_to)
        order = (
            (model.due.is_(None), model.due, model.id)
            if wanted.which == "open"
            else (model.dated.desc(), model.id.desc())
        )
        rows = self._db.scalars(query.order_by(*order).offset(offset).limit(most)).all()
        return rows, self._db.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def within_bounds(offset: int, most: int) -> tuple[int, int]:
    """A page's place and size, kept between nothing and ``MOST_ROWS``."""
    return max(offset, 0), max(1, min(most, MOST_ROWS))
