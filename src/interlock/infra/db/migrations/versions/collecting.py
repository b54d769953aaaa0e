"""Receivables as a loop: what the collecting rail is asked to do and what is written down of it; how customers are asked to pay."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "collecting"
down_revision = "disbursements"
branch_labels = None
depends_on = None

_OF_BUSINESS = (
    "chase",
    "chase_promise",
    "chase_template",
    "chasing_setup",
    "collecting_setup",
    "collection_order",
    "collection_step",
    "contact_opt_out",
    "receipt_record",
    "reminder",
)
_STEPS = "collection_step"


def upgrade() -> None:
    _make_chase()
    _make_chase_promise()
    _make_chase_template()
    _make_chasing_setup()
    _make_collecting_setup()
    _make_collection_order()
    _index_collection_order()
    _make_collection_step()
    _make_contact_opt_out()
    _make_receipt_record()
    _make_reminder()
    for table in _OF_BUSINESS:
        security.scope(table, rights="SELECT, INSERT" if table == _STEPS else "SELECT, INSERT, UPDATE, DELETE")
    security.append_only(_STEPS, ("business_id", "order_id", "number"))


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_chase() -> None:
    op.create_table(
        "chase",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("round", Whole, nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("promised_minor", Whole, nullable=True),
        sa.Column("disputed_minor", Whole, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "invoice_id", name=op.f("pk_chase")),
    )
    op.create_index(op.f("ix_chase_business_id_customer_id"), "chase", ["business_id", "customer_id"], unique=False)


def _make_chase_promise() -> None:
    op.create_table(
        "chase_promise",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("promise_id", sa.String(length=40), nullable=False),
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("balance_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("promised_for", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("said_by", sa.String(length=40), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "promise_id", name=op.f("pk_chase_promise")),
    )
    op.create_index(
        op.f("ix_chase_promise_business_id_customer_id"), "chase_promise", ["business_id", "customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_chase_promise_business_id_invoice_id"), "chase_promise", ["business_id", "invoice_id"], unique=False
    )


def _make_chase_template() -> None:
    op.create_table(
        "chase_template",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previewed_digest", sa.String(length=64), nullable=True),
        sa.Column("previewed_by", sa.String(length=40), nullable=True),
        sa.Column("previewed_at", Instant(), nullable=True),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "stage", name=op.f("pk_chase_template")),
    )


def _make_chasing_setup() -> None:
    op.create_table(
        "chasing_setup",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=False),
        sa.Column("gentle_days", Whole, nullable=False),
        sa.Column("firm_days", Whole, nullable=False),
        sa.Column("final_days", Whole, nullable=False),
        sa.Column("gap_days", Whole, nullable=False),
        sa.Column("from_hour", sa.String(length=5), nullable=False),
        sa.Column("to_hour", sa.String(length=5), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_chasing_setup")),
    )


def _make_collecting_setup() -> None:
    op.create_table(
        "collecting_setup",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("clearing_account_id", sa.String(length=40), nullable=True),
        sa.Column("fee_account_id", sa.String(length=40), nullable=True),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_collecting_setup")),
    )


def _make_collection_order() -> None:
    op.create_table(
        "collection_order",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("invoice_id", sa.String(length=40), nullable=True),
        sa.Column("rail_invoice_id", sa.String(length=40), nullable=True),
        sa.Column("charge_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=True),
        sa.Column("prepared_by", sa.String(length=40), nullable=False),
        sa.Column("prepared_at", Instant(), nullable=False),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("undo_until", Instant(), nullable=True),
        sa.Column("committed_by", sa.String(length=40), nullable=True),
        sa.Column("committed_at", Instant(), nullable=True),
        sa.Column("todo", sa.String(length=10), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("attempt", Whole, nullable=False),
        sa.Column("steps", Whole, nullable=False),
        sa.Column("rail_id", sa.String(length=80), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "order_id", name=op.f("pk_collection_order")),
    )


def _index_collection_order() -> None:
    op.create_index(
        op.f("ix_collection_order_business_id_changed_at"),
        "collection_order",
        ["business_id", "changed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collection_order_business_id_invoice_id"),
        "collection_order",
        ["business_id", "invoice_id"],
        unique=False,
    )
    op.create_index(
        "ix_collection_order_due",
        "collection_order",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("todo IS NOT NULL"),
        postgresql_where=sa.text("todo IS NOT NULL"),
    )
    op.create_index(
        "ix_collection_order_live",
        "collection_order",
        ["business_id", "state"],
        unique=False,
        sqlite_where=sa.text("state IN ('proposed', 'half', 'approved', 'committed', 'unknown')"),
        postgresql_where=sa.text("state IN ('proposed', 'half', 'approved', 'committed', 'unknown')"),
    )


def _make_collection_step() -> None:
    op.create_table(
        "collection_step",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=40), nullable=False),
        sa.Column("number", Whole, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("was", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "order_id", "number", name=op.f("pk_collection_step")),
        sqlite_with_rowid=False,
    )


def _make_contact_opt_out() -> None:
    op.create_table(
        "contact_opt_out",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("how", sa.String(length=14), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "address", name=op.f("pk_contact_opt_out")),
    )


def _make_receipt_record() -> None:
    op.create_table(
        "receipt_record",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=40), nullable=False),
        sa.Column("receipt_id", sa.String(length=80), nullable=False),
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("todo", sa.String(length=10), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("attempt", Whole, nullable=False),
        sa.Column("ledger_payment_id", sa.String(length=40), nullable=True),
        sa.Column("insisted_by", sa.String(length=40), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "record_id", name=op.f("pk_receipt_record")),
    )
    op.create_index(
        op.f("ix_receipt_record_business_id_invoice_id"), "receipt_record", ["business_id", "invoice_id"], unique=False
    )
    op.create_index(
        op.f("ix_receipt_record_business_id_receipt_id"), "receipt_record", ["business_id", "receipt_id"], unique=True
    )
    op.create_index(
        "ix_receipt_record_due",
        "receipt_record",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("todo IS NOT NULL"),
        postgresql_where=sa.text("todo IS NOT NULL"),
    )


def _make_reminder() -> None:
    op.create_table(
        "reminder",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("reminder_id", sa.String(length=40), nullable=False),
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("round", Whole, nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "reminder_id", name=op.f("pk_reminder")),
    )
    op.create_index(
        op.f("ix_reminder_business_id_customer_id_begun_at"),
        "reminder",
        ["business_id", "customer_id", "begun_at"],
        unique=False,
    )
    op.create_index(
        "ix_reminder_open",
        "reminder",
        ["business_id", "state"],
        unique=False,
        sqlite_where=sa.text("state IN ('begun', 'unknown')"),
        postgresql_where=sa.text("state IN ('begun', 'unknown')"),
    )
    op.create_index(
        "ux_reminder_stage",
        "reminder",
        ["business_id", "invoice_id", "round", "stage"],
        unique=True,
        sqlite_where=sa.text("state <> 'not_taken'"),
        postgresql_where=sa.text("state <> 'not_taken'"),
    )
