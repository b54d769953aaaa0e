"""Payments after their release: where each stands, every step it took, how a business pays; and what it does by the calendar."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "disbursements"
down_revision = "payees"
branch_labels = None
depends_on = None

_OF_BUSINESS = ("disbursement", "disbursement_step", "paying_setup", "business_due", "letter", "letter_sending")
_STEPS = "disbursement_step"
_KEPT = {_STEPS: ("business_id", "intent_id", "number"), "letter": ("business_id", "letter_id")}
"""Rows that nobody changes, by their key."""


def upgrade() -> None:
    _make_disbursement()
    _index_disbursement()
    _make_disbursement_step()
    _make_paying_setup()
    _make_business_due()
    _make_letter()
    _index_approved()
    for table in _OF_BUSINESS:
        security.scope(table, rights="SELECT, INSERT" if table in _KEPT else "SELECT, INSERT, UPDATE, DELETE")
    for table, key in _KEPT.items():
        security.append_only(table, key)


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_disbursement() -> None:
    op.create_table(
        "disbursement",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("intent_id", sa.String(length=40), nullable=False),
        sa.Column("bill_id", sa.String(length=40), nullable=False),
        sa.Column("vendor_id", sa.String(length=40), nullable=True),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=True),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=True),
        sa.Column("account_id", sa.String(length=40), nullable=True),
        sa.Column("instruction", sa.Text(), nullable=True),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("todo", sa.String(length=10), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("attempt", Whole, nullable=False),
        sa.Column("steps", Whole, nullable=False),
        sa.Column("rail_id", sa.String(length=40), nullable=True),
        sa.Column("rail_url", sa.Text(), nullable=True),
        sa.Column("executed_on", sa.Date(), nullable=True),
        sa.Column("match_id", sa.String(length=40), nullable=True),
        sa.Column("line_id", sa.String(length=80), nullable=True),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.Column("ledger_payment_id", sa.String(length=40), nullable=True),
        sa.Column("recorded_on", sa.Date(), nullable=True),
        sa.Column("returned_line_id", sa.String(length=80), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("released_by", sa.String(length=40), nullable=False),
        sa.Column("released_at", Instant(), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "intent_id", name=op.f("pk_disbursement")),
    )


def _index_disbursement() -> None:
    op.create_index(
        "ix_disbursement_board", "disbursement", ["business_id", "stage", "currency", "amount_minor"], unique=False
    )
    op.create_index(
        op.f("ix_disbursement_business_id_bill_id"), "disbursement", ["business_id", "bill_id"], unique=False
    )
    op.create_index(
        op.f("ix_disbursement_business_id_changed_at"), "disbursement", ["business_id", "changed_at"], unique=False
    )
    op.create_index(
        "ix_disbursement_stage", "disbursement", ["business_id", "stage", "changed_at", "intent_id"], unique=False
    )
    op.create_index(
        "ix_disbursement_person",
        "disbursement",
        ["business_id", "stage"],
        unique=False,
        sqlite_where=sa.text("needs_person = 1"),
        postgresql_where=sa.text("needs_person"),
    )
    op.create_index(
        "ix_disbursement_due",
        "disbursement",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("todo IS NOT NULL"),
        postgresql_where=sa.text("todo IS NOT NULL"),
    )
    op.create_index(
        "ux_disbursement_ledger_payment",
        "disbursement",
        ["business_id", "ledger_payment_id", "bill_id"],
        unique=True,
        sqlite_where=sa.text("ledger_payment_id IS NOT NULL"),
        postgresql_where=sa.text("ledger_payment_id IS NOT NULL"),
    )


def _make_disbursement_step() -> None:
    op.create_table(
        "disbursement_step",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("intent_id", sa.String(length=40), nullable=False),
        sa.Column("number", Whole, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("was", sa.String(length=12), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "intent_id", "number", name=op.f("pk_disbursement_step")),
        sqlite_with_rowid=False,
    )


def _make_paying_setup() -> None:
    op.create_table(
        "paying_setup",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("funding_account_id", sa.String(length=40), nullable=True),
        sa.Column("no_accounting_by", sa.String(length=40), nullable=True),
        sa.Column("no_accounting_at", Instant(), nullable=True),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_paying_setup")),
    )


def _make_business_due() -> None:
    op.create_table(
        "business_due",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("work", sa.String(length=20), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("failures", Whole, nullable=False),
        sa.PrimaryKeyConstraint("business_id", "work", name=op.f("pk_business_due")),
    )
    op.create_index(op.f("ix_business_due_due_at"), "business_due", ["due_at"], unique=False)


def _make_letter() -> None:
    op.create_table(
        "letter",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("letter_id", sa.String(length=40), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("seq", Whole, nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("forecast", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "letter_id", name=op.f("pk_letter")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "letter_sending",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("letter_id", sa.String(length=40), nullable=False),
        sa.Column("sending_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("attempts", Whole, nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "letter_id", name=op.f("pk_letter_sending")),
    )


def _index_approved() -> None:
    """Every dollar that was ever approved, for the board; and the log's lines of a moment, for what happened to one payment."""
    op.create_index(op.f("ix_translog_chain_at"), "translog", ["chain", "at"], unique=False)
    op.create_index(
        "ix_payment_intent_board",
        "payment_intent",
        ["business_id", "state", "currency", "amount_minor", "approved_at"],
        unique=False,
        sqlite_where=sa.text("approved_at IS NOT NULL"),
        postgresql_where=sa.text("approved_at IS NOT NULL"),
    )
