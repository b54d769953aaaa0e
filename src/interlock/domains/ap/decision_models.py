"""What people decided about bills, and what they knew when they did. Decisions and their inputs are append-only."""

from datetime import date, datetime

from sqlalchemy import Date, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from interlock.infra.db.base import Base, Scoped
from interlock.infra.db.types import Instant, Whole

_LIVE = text("state IN ('proposed', 'half', 'approved')")
_APPROVED = text("approved_at IS NOT NULL")


class PaymentIntent(Scoped, Base):
    """That an amount of a bill is to be paid on a day. It moves nothing.

    ``state``: proposed, half (one of two people approved), approved (final after ``undo_until``), voided (the bill or its payee
    changed: ``ended_why``), rejected, withdrawn, or recorded (the ledger showed it paid before anybody released it); then released
    (``payment_models.Disbursement`` says what became of it) and reopened (the money stayed or came back). ``content_hash`` is what
    approvals bind to (``approval_content``); ``prepared_by``: who proposed it or last changed it, never one of its approvers;
    ``credits``: JSON, vendor credits to be applied first, each id and minor units.
    """

    __tablename__ = "payment_intent"
    __table_args__ = (
        Index("ix_payment_intent_live", "business_id", "pay_on", sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index(
            "ix_payment_intent_board",
            "business_id",
            "state",
            "currency",
            "amount_minor",
            "approved_at",  # so that SQLite reads nothing but the index
            sqlite_where=_APPROVED,
            postgresql_where=_APPROVED,
        ),
        Index(None, "business_id", "bill_id"),
    )

    intent_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    bill_id: Mapped[str] = mapped_column(String(40))
    vendor_id: Mapped[str | None] = mapped_column(String(40))
    amount_minor: Mapped[int] = mapped_column(Whole)
    currency: Mapped[str] = mapped_column(String(3))
    pay_on: Mapped[date] = mapped_column(Date)
    credits: Mapped[str] = mapped_column(Text, default="[]")
    state: Mapped[str] = mapped_column(String(12))
    content_hash: Mapped[str] = mapped_column(String(64))
    prepared_by: Mapped[str] = mapped_column(String(40))
    prepared_at: Mapped[datetime] = mapped_column(Instant)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    undo_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_why: Mapped[str | None] = mapped_column(Text)


class IntentApproval(Scoped, Base):
    """One person's yes to one intent, bound to the content it had. ``for_person``: in whose place, by a delegation.

    ``withdrawn_at``: undone within the window, or voided with the intent.
    """

    __tablename__ = "intent_approval"

    intent_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    decision_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(40))
    for_person: Mapped[str | None] = mapped_column(String(40))
    side: Mapped[str] = mapped_column(String(10))
    content_hash: Mapped[str] = mapped_column(String(64))
    approved_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class Decision(Scoped, Base):
    """One act of one person (or of the system: a void), on one bill or a batch; append-only.

    ``act``: propose, approve, hold, release_hold, snooze, wake, reject, withdraw, undo, schedule, comment, void, clear_payee.
    ``subjects``: JSON, ``{bill_id, intent_id, amount_minor, pay_on}`` each. Where a verdict was given: ``outcome`` (allow,
    warn, block), ``verdict`` (JSON), ``policy_id``/``firm_policy_id`` in force, ``engine`` version, ``inputs_digest``.
    """

    __tablename__ = "decision"
    __table_args__ = (Index(None, "business_id", "decided_at"), {"sqlite_with_rowid": False})

    decision_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    act: Mapped[str] = mapped_column(String(20))
    subjects: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(String(40))
    for_person: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(String(10))
    verdict: Mapped[str | None] = mapped_column(Text)
    inputs_digest: Mapped[str | None] = mapped_column(String(64))
    policy_id: Mapped[str | None] = mapped_column(String(40))
    firm_policy_id: Mapped[str | None] = mapped_column(String(40))
    engine: Mapped[int | None] = mapped_column(Whole)
    override_reason: Mapped[str | None] = mapped_column(Text)
    override_until: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime] = mapped_column(Instant)


class DecisionInputs(Scoped, Base):
    """What a verdict was computed from: canonical JSON, compressed, named by the SHA-256 of the JSON. Append-only."""

    __tablename__ = "decision_inputs"
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    compressed: Mapped[bytes] = mapped_column(LargeBinary)


class VendorPayee(Scoped, Base):
    """What can be seen of how a vendor is paid, as last verified (check V04): JSON by rail, and its hash.

    ``seen``/``seen_hash``: as it is now; they differ while a change waits for its call-back. ``changed_at``: when that was
    first seen; ``cleared_at``: when a second person cleared it.
    """

    __tablename__ = "vendor_payee"

    vendor_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    verified: Mapped[str] = mapped_column(Text)
    verified_hash: Mapped[str] = mapped_column(String(64))
    seen: Mapped[str] = mapped_column(Text)
    seen_hash: Mapped[str] = mapped_column(String(64))
    first_seen_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime | None] = mapped_column(Instant)
    cleared_at: Mapped[datetime | None] = mapped_column(Instant)


class PayeeCallback(Scoped, Base):
    """A call to a vendor whose payee details changed (product-map §3.3): who called which number, where that number came from,

    whom they spoke to, what was said; cleared (or refused) by a second person.
    """

    __tablename__ = "payee_callback"

    callback_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    vendor_id: Mapped[str] = mapped_column(String(40))
    seen_hash: Mapped[str] = mapped_column(String(64))
    number_called: Mapped[str] = mapped_column(Text)
    number_from: Mapped[str] = mapped_column(Text)
    spoke_to: Mapped[str] = mapped_column(Text)
    called_on: Mapped[date] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(String(12))
    recorded_by: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    cleared: Mapped[bool | None]
