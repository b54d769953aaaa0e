"""What journal entries did to the payables and receivables control accounts: open balances no bill or invoice shows."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.models import Account, JournalEntry, LedgerLine

PAYABLE = "Accounts Payable"
RECEIVABLE = "Accounts Receivable"


class ControlPosting(Struct, frozen=True):
    """A journal line on a control account. ``minor`` is positive where it adds to what is owed (to or by the party)."""

    entry_id: str
    number: str | None
    dated: date
    party_id: str | None
    currency: str
    exchange_rate: str | None
    minor: int


def control_accounts(db: Session, business_id: str, kind: str) -> Sequence[Account]:
    """Standing accounts of a control kind (``PAYABLE`` or ``RECEIVABLE``)."""
    query = select(Account).where(Account.business_id == business_id, Account.kind == kind, Account.buried_at.is_(None))
    return db.scalars(query.order_by(Account.id)).all()


def control_postings(db: Session, business_id: str, kind: str, as_of: date) -> list[ControlPosting]:
    """Journal lines on control accounts of ``kind``, dated no later than ``as_of``."""
    increases = "Credit" if kind == PAYABLE else "Debit"
    query = (
        select(
            JournalEntry.id,
            JournalEntry.number,
            JournalEntry.dated,
            JournalEntry.currency,
            JournalEntry.exchange_rate,
            LedgerLine.party_id,
            LedgerLine.amount_minor,
            LedgerLine.posting,
        )
        .join(
            LedgerLine,
            (LedgerLine.business_id == JournalEntry.business_id)
            & (LedgerLine.document_kind == "journal_entry")
            & (LedgerLine.document_id == JournalEntry.id),
        )
        .join(Account, (Account.business_id == JournalEntry.business_id) & (Account.id == LedgerLine.account_id))
        .where(
            JournalEntry.business_id == business_id,
            JournalEntry.buried_at.is_(None),
            JournalEntry.dated <= as_of,
            Account.kind == kind,
        )
        .order_by(JournalEntry.id, LedgerLine.position)
    )
    return [
        ControlPosting(
            row.id,
            row.number,
            row.dated,
            row.party_id,
            row.currency,
            row.exchange_rate,
            row.amount_minor if row.posting == increases else -row.amount_minor,
        )
        for row in db.execute(query)
    ]
