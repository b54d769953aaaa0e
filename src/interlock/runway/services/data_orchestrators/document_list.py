"""Lists of bills and invoices, a page at a time: open ones, paid ones, or all, newest or most due first."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill
from interlock.domains.ar.models import Invoice

Which = Literal["open", "paid", "all"]
PAGE_ROWS = 200
MOST_ROWS = 1_000


class DocumentList:
    """Reads pages of one business's standing documents."""

    def __init__(self, db: Session, business_id: str) -> None:
        self._db = db
        self._business_id = business_id

    def bills(self, which: Which, party: str | None, offset: int, most: int) -> tuple[Sequence[Bill], int]:
        """A page and how many there are in all; ``party`` is a vendor's name."""
        query = select(Bill).where(Bill.business_id == self._business_id, Bill.buried_at.is_(None))
        if which != "all":
            query = query.where(Bill.balance_minor != 0 if which == "open" else Bill.balance_minor == 0)
        if party is not None:
            query = query.where(Bill.vendor_name == party)
        order = (Bill.due.is_(None), Bill.due, Bill.id) if which == "open" else (Bill.dated.desc(), Bill.id.desc())
        rows = self._db.scalars(query.order_by(*order).offset(offset).limit(most)).all()
        return rows, self._db.execute(select(func.count()).select_from(query.subquery())).scalar_one()

    def invoices(self, which: Which, party: str | None, offset: int, most: int) -> tuple[Sequence[Invoice], int]:
        """The same for invoices; ``party`` is a customer's name."""
        query = select(Invoice).where(Invoice.business_id == self._business_id, Invoice.buried_at.is_(None))
        if which != "all":
            query = query.where(Invoice.balance_minor != 0 if which == "open" else Invoice.balance_minor == 0)
        if party is not None:
            query = query.where(Invoice.customer_name == party)
        order = (
            (Invoice.due.is_(None), Invoice.due, Invoice.id)
            if which == "open"
            else (Invoice.dated.desc(), Invoice.id.desc())
        )
        rows = self._db.scalars(query.order_by(*order).offset(offset).limit(most)).all()
        return rows, self._db.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def within_bounds(offset: int, most: int) -> tuple[int, int]:
    """A page's place and size, kept between nothing and ``MOST_ROWS``."""
    return max(offset, 0), max(1, min(most, MOST_ROWS))
