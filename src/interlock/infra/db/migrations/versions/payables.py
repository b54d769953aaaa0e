"""The mirror of payables, and what is ours about them."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "payables"
down_revision = "firm_and_log"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_vendor()
    _make_bill()
    _make_bill_payment()
    _make_vendor_credit()
    _make_purchase_order()
    _make_payable_line()
    _make_payable_link()
    _make_bill_annotation()
    for table in (
        "vendor",
        "bill",
        "bill_payment",
        "vendor_credit",
        "purchase_order",
        "payable_line",
        "payable_link",
        "bill_annotation",
    ):
        security.scope(table)


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_vendor() -> None:
    op.create_table(
        "vendor",
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
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("term_id", sa.String(length=40), nullable=True),
        sa.Column("account_number", sa.Text(), nullable=True),
        sa.Column("reportable", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_minor", Whole, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_vendor")),
    )


def _make_bill() -> None:
    op.create_table(
        "bill",
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
        sa.Column("vendor_id", sa.String(length=40), nullable=True),
        sa.Column("vendor_name", sa.Text(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("balance_minor", Whole, nullable=False),
        sa.Column("tax_minor", Whole, nullable=False),
        sa.Column("term_id", sa.String(length=40), nullable=True),
        sa.Column("control_account_id", sa.String(length=40), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_bill")),
    )
    op.create_index(
        "ix_bill_open",
        "bill",
        ["business_id", "due"],
        unique=False,
        sqlite_where=sa.text("balance_minor <> 0 AND buried_at IS NULL"),
        postgresql_where=sa.text("balance_minor <> 0 AND buried_at IS NULL"),
    )


def _make_bill_payment() -> None:
    op.create_table(
        "bill_payment",
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
        sa.Column("vendor_id", sa.String(length=40), nullable=True),
        sa.Column("vendor_name", sa.Text(), nullable=True),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=True),
        sa.Column("control_account_id", sa.String(length=40), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_bill_payment")),
    )


def _make_vendor_credit() -> None:
    op.create_table(
        "vendor_credit",
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
        sa.Column("vendor_id", sa.String(length=40), nullable=True),
        sa.Column("vendor_name", sa.Text(), nullable=True),
        sa.Column("balance_minor", Whole, nullable=False),
        sa.Column("control_account_id", sa.String(length=40), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_vendor_credit")),
    )


def _make_purchase_order() -> None:
    op.create_table(
        "purchase_order",
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
        sa.Column("vendor_id", sa.String(length=40), nullable=True),
        sa.Column("vendor_name", sa.Text(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_purchase_order")),
    )


def _make_payable_line() -> None:
    op.create_table(
        "payable_line",
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
            "business_id", "document_kind", "document_id", "position", name=op.f("pk_payable_line")
        ),
        sqlite_with_rowid=False,
    )


def _make_payable_link() -> None:
    op.create_table(
        "payable_link",
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
            name=op.f("pk_payable_link"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_payable_link_business_id_linked_kind_linked_id"),
        "payable_link",
        ["business_id", "linked_kind", "linked_id"],
        unique=False,
    )


def _make_bill_annotation() -> None:
    op.create_table(
        "bill_annotation",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("bill_id", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("held_until", sa.Date(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "bill_id", name=op.f("pk_bill_annotation")),
    )
