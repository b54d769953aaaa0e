"""Payables aging from the mirror, tied to the ledger's own report by naming every cause of a difference."""

from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, BillPayment, PayableLink, Vendor, VendorCredit
from interlock.domains.bank.control import PAYABLE, control_postings
from interlock.domains.firm.aging import CREDIT, DOCUMENT, FOREIGN, JOURNAL, UNAPPLIED, Aging, OpenItem, age
from interlock.domains.firm.services.business_service import business_of
from interlock.kernel.money import in_home

_NOBODY = "No vendor"


class PayablesAging:
    """Who is owed what, and how late (product-map §2.4)."""

    def __init__(self, db: Session, business_id: str) -> None:
        self.db = db
        self.business_id = business_id

    def as_of(self, day: date) -> Aging:
        """Open items dated no later than ``day``. A bill without a due date counts as due on its own date."""
        home = business_of(self.db, self.business_id).home_currency
        items = (
            self._bills(day, home) + self._credits(day, home) + self._payments(day, home) + self._journals(day, home)
        )
        return age(items, day, home)

    def _bills(self, day: date, home: str) -> list[OpenItem]:
        query = select(
            Bill.vendor_id,
            Bill.vendor_name,
            Bill.due,
            Bill.dated,
            Bill.balance_minor,
            Bill.currency,
            Bill.exchange_rate,
        ).where(
            Bill.business_id == self.business_id, Bill.buried_at.is_(None), Bill.balance_minor != 0, Bill.dated <= day
        )
        return [
            OpenItem(
                DOCUMENT if row.currency == home else FOREIGN,
                row.vendor_id,
                row.vendor_name or _NOBODY,
                row.due or row.dated,
                in_home(row.balance_minor, row.currency, row.exchange_rate, home),
            )
            for row in self.db.execute(query)
        ]

    def _credits(self, day: date, home: str) -> list[OpenItem]:
        query = select(VendorCredit).where(
            VendorCredit.business_id == self.business_id,
            VendorCredit.buried_at.is_(None),
            VendorCredit.balance_minor != 0,
            VendorCredit.dated <= day,
        )
        return [
            OpenItem(
                CREDIT if row.currency == home else FOREIGN,
                row.vendor_id,
                row.vendor_name or _NOBODY,
                row.dated,
                -in_home(row.balance_minor, row.currency, row.exchange_rate, home),
            )
            for row in self.db.scalars(query)
        ]

    def _payments(self, day: date, home: str) -> list[OpenItem]:
        """What bill payments paid beyond the bills they name: total less what is applied, credits used up included."""
        applied = func.coalesce(
            func.sum(
                case(
                    (PayableLink.linked_kind == "vendor_credit", -PayableLink.amount_minor),
                    else_=PayableLink.amount_minor,
                )
            ),
            0,
        )
        query = (
            select(BillPayment, applied)
            .outerjoin(
                PayableLink,
                (PayableLink.business_id == BillPayment.business_id)
                & (PayableLink.document_kind == "bill_payment")
                & (PayableLink.document_id == BillPayment.id)
                & (PayableLink.position >= 0),
            )
            .where(
                BillPayment.business_id == self.business_id,
                BillPayment.buried_at.is_(None),
                BillPayment.dated <= day,
                BillPayment.total_minor != 0,
            )
            .group_by(BillPayment.business_id, BillPayment.id)
            .having(applied != BillPayment.total_minor)
        )
        return [
            OpenItem(
                UNAPPLIED if row.currency == home else FOREIGN,
                row.vendor_id,
                row.vendor_name or _NOBODY,
                row.dated,
                -in_home(row.total_minor - int(used), row.currency, row.exchange_rate, home),
            )
            for row, used in self.db.execute(query)
        ]

    def _journals(self, day: date, home: str) -> list[OpenItem]:
        """Journal entries on the control account, less what bill payments have applied to them."""
        names = dict(
            self.db.execute(select(Vendor.id, Vendor.name).where(Vendor.business_id == self.business_id)).all()
        )
        items = [
            OpenItem(
                JOURNAL if posting.currency == home else FOREIGN,
                posting.party_id,
                names.get(posting.party_id or "", _NOBODY),
                posting.dated,
                in_home(posting.minor, posting.currency, posting.exchange_rate, home),
            )
            for posting in control_postings(self.db, self.business_id, PAYABLE, day)
        ]
        used = (
            select(BillPayment.vendor_id, BillPayment.vendor_name, BillPayment.dated, PayableLink.amount_minor)
            .join(
                PayableLink,
                (PayableLink.business_id == BillPayment.business_id)
                & (PayableLink.document_kind == "bill_payment")
                & (PayableLink.document_id == BillPayment.id),
            )
            .where(
                BillPayment.business_id == self.business_id,
                BillPayment.buried_at.is_(None),
                BillPayment.dated <= day,
                PayableLink.linked_kind == "journal_entry",
                PayableLink.amount_minor.is_not(None),
            )
        )
        items += [
            OpenItem(JOURNAL, row.vendor_id, row.vendor_name or _NOBODY, row.dated, -(row.amount_minor or 0))
            for row in self.db.execute(used)
        ]
        return items
