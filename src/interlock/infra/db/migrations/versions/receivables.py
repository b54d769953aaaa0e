"""The mirror of receivables, and what is ours about them."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "receivables"
down_revision = "payables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_customer()
    _make_invoice()
    _make_customer_payment()
    _make_credit_memo()
    _make_sales_receipt()
    _make_refund_receipt()
    _make_receivable_line()
    _make_receivable_link()
    _make_invoice_annotation()
    for table in (
        "customer",
        "invoice",
        "customer_payment",
        "credit_memo",
        "sales_receipt",
        "refund_receipt",
        "receivable_line",
        "receivable_link",
        "invoice_annotation",
    ):
        security.scope(table)


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_customer() -> None:
    op.create_table(
        "customer",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", Instant(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.String(length=40), nullable=True),
        sa.Column("job", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("term_id", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_minor", Whole, nullable=False),
        sa.Column("balance_with_jobs_minor", Whole, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_customer")),
    )


def _make_invoice() -> None:
    op.create_table(
        "invoice",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", Instant(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("exchange_rate", sa.String(length=40), nullable=True),
        sa.Column("total_minor", Whole, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("balance_minor", Whole, nullable=False),
        sa.Column("tax_minor", Whole, nullable=False),
        sa.Column("term_id", sa.String(length=40), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_status", sa.String(length=20), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_invoice")),
    )
    op.create_index(
        "ix_invoice_open",
        "invoice",
        ["business_id", "due"],
        unique=False,
        sqlite_where=sa.text("balance_minor <> 0 AND buried_at IS NULL"),
        postgresql_where=sa.text("balance_minor <> 0 AND buried_at IS NULL"),
    )


def _make_customer_payment() -> None:
    op.create_table(
        "customer_payment",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", Instant(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("exchange_rate", sa.String(length=40), nullable=True),
        sa.Column("total_minor", Whole, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("unapplied_minor", Whole, nullable=False),
        sa.Column("deposit_account_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_customer_payment")),
    )


def _make_credit_memo() -> None:
    op.create_table(
        "credit_memo",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", Instant(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("exchange_rate", sa.String(length=40), nullable=True),
        sa.Column("total_minor", Whole, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("balance_minor", Whole, nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_credit_memo")),
    )


def _make_sales_receipt() -> None:
    op.create_table(
        "sales_receipt",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", Instant(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("exchange_rate", sa.String(length=40), nullable=True),
        sa.Column("total_minor", Whole, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("deposit_account_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_sales_receipt")),
    )


def _make_refund_receipt() -> None:
    op.create_table(
        "refund_receipt",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", Instant(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("exchange_rate", sa.String(length=40), nullable=True),
        sa.Column("total_minor", Whole, nullable=False),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("account_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_refund_receipt")),
    )


def _make_receivable_line() -> None:
    op.create_table(
        "receivable_line",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("document_kind", sa.String(length=20), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("position", Whole, autoincrement=False, nullable=False),
        sa.Column("line_id", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("account_id", sa.String(length=40), nullable=True),
        sa.Column("item_id", sa.String(length=40), nullable=True),
        sa.Column("party_id", sa.String(length=40), nullable=True),
        sa.Column("party_kind", sa.String(length=20), nullable=True),
        sa.Column("posting", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint(
            "business_id", "document_kind", "document_id", "position", name=op.f("pk_receivable_line")
        ),
        sqlite_with_rowid=False,
    )


def _make_receivable_link() -> None:
    op.create_table(
        "receivable_link",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("document_kind", sa.String(length=20), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("position", Whole, autoincrement=False, nullable=False),
        sa.Column("linked_kind", sa.String(length=40), nullable=False),
        sa.Column("linked_id", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", Whole, nullable=True),
        sa.PrimaryKeyConstraint(
            "business_id",
            "document_kind",
            "document_id",
            "position",
            "linked_kind",
            "linked_id",
            name=op.f("pk_receivable_link"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_receivable_link_business_id_linked_kind_linked_id"),
        "receivable_link",
        ["business_id", "linked_kind", "linked_id"],
        unique=False,
    )


def _make_invoice_annotation() -> None:
    op.create_table(
        "invoice_annotation",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "invoice_id", name=op.f("pk_invoice_annotation")),
    )
