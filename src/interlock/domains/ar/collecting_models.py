"""What we have a collecting rail do for a business, and the payments it collected that we write down in the ledger."""

from datetime import date, datetime

from sqlalchemy import Date, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole

_DUE = text("todo IS NOT NULL")
_LIVE = text("state IN ('proposed', 'half', 'approved', 'committed', 'unknown')")


class CollectionOrder(Scoped, Base):
    """One thing asked of the collecting rail. ``order_id`` is the key on the wire, committed before anything is sent.

    ``act``: invoice (create and send), void, uncollectible or refund; ``invoice_id``: the ledger's, ``rail_invoice_id`` and
    ``charge_id`` the rail's. ``amount_minor``: asked for or given back, the invoice's open balance otherwise.
    ``state``: proposed, half (one of two people said yes), approved (final after ``undo_until``), committed (being done),
    standing (the rail shows it), refused (certainly nothing was done), unknown (nobody knows; a person is asked), withdrawn,
    voided (what it rests on changed, ``why``). ``content_hash``: what a yes is bound to. ``todo`` at ``due_at``: send or look_up;
    ``attempt`` grows with each thing done outside. ``url``: the rail's page where its customer pays.
    """

    __tablename__ = "collection_order"
    __table_args__ = (
        Index(None, "business_id", "invoice_id"),
        Index(None, "business_id", "changed_at"),
        Index("ix_collection_order_live", "business_id", "state", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_collection_order_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    order_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    act: Mapped[str] = mapped_column(String(16))
    invoice_id: Mapped[str | None] = mapped_column(String(40))
    rail_invoice_id: Mapped[str | None] = mapped_column(String(40))
    charge_id: Mapped[str | None] = mapped_column(String(40))
    customer_id: Mapped[str | None] = mapped_column(String(40))
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str | None] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    instruction: Mapped[str | None] = mapped_column(Text)
    prepared_by: Mapped[str] = mapped_column(String(40))
    prepared_at: Mapped[datetime] = mapped_column(Instant)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    undo_until: Mapped[datetime | None] = mapped_column(Instant)
    committed_by: Mapped[str | None] = mapped_column(String(40))
    committed_at: Mapped[datetime | None] = mapped_column(Instant)
    todo: Mapped[str | None] = mapped_column(String(10))
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    attempt: Mapped[int] = mapped_column(Whole, default=0)
    steps: Mapped[int] = mapped_column(Whole, default=0)
    rail_id: Mapped[str | None] = mapped_column(String(80))
    url: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class CollectionStep(Scoped, Base):
    """One step of one order; append-only. ``event``: what happened; ``said``: JSON, what whoever said it said."""

    __tablename__ = "collection_step"
    __table_args__ = ({"sqlite_with_rowid": False},)

    order_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    event: Mapped[str] = mapped_column(String(20))
    was: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    said: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)


class CollectingSetup(Scoped, Base):
    """Where a business keeps what the collecting rail holds for it: the ledger's accounts, a person's choice.

    ``clearing_account_id``: its balance at the rail, where payments are recorded to; ``fee_account_id``: what the rail keeps.
    """

    __tablename__ = "collecting_setup"

    clearing_account_id: Mapped[str | None] = mapped_column(String(40))
    fee_account_id: Mapped[str | None] = mapped_column(String(40))
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class ReceiptRecord(Scoped, Base):
    """A payment that the rail collected, to be written down in the ledger once. ``record_id`` is the ledger's ``requestid``.

    ``receipt_id``: the rail's row (``InvoiceReceipt``), one record each. ``state``: due, recording, recorded, found (the ledger had
    it already), refused (``why``; a person is asked), unknown or withdrawn (the rail took the payment back first).
    ``todo`` at ``due_at``: record. ``insisted_by``: who said that it is written down beside what the ledger shows.
    """

    __tablename__ = "receipt_record"
    __table_args__ = (
        Index(None, "business_id", "receipt_id", unique=True),
        Index(None, "business_id", "invoice_id"),
        Index("ix_receipt_record_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    record_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    receipt_id: Mapped[str] = mapped_column(String(80))
    invoice_id: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[str] = mapped_column(String(40))
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    dated: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12))
    todo: Mapped[str | None] = mapped_column(String(10))
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    attempt: Mapped[int] = mapped_column(Whole, default=0)
    ledger_payment_id: Mapped[str | None] = mapped_column(String(40))
    insisted_by: Mapped[str | None] = mapped_column(String(40))
    why: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
