"""The mirror of accounts and the ledger's other movements."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "ledger"
down_revision = "receivables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_account()
    _make_deposit()
    _make_purchase()
    _make_transfer()
    _make_journal_entry()
    _make_ledger_line()
    _make_ledger_link()
    for table in ("account", "deposit", "purchase", "transfer", "journal_entry", "ledger_line", "ledger_link"):
        security.scope(table)


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_account() -> None:
    op.create_table(
        "account",
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
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sub_kind", sa.String(length=60), nullable=True),
        sa.Column("classification", sa.String(length=20), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.String(length=40), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_minor", Whole, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_account")),
    )


def _make_deposit() -> None:
    op.create_table(
        "deposit",
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
        sa.Column("cash_back_minor", Whole, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_deposit")),
    )


def _make_purchase() -> None:
    op.create_table(
        "purchase",
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
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("party_id", sa.String(length=40), nullable=True),
        sa.Column("party_kind", sa.String(length=20), nullable=True),
        sa.Column("party_name", sa.Text(), nullable=True),
        sa.Column("refund", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_purchase")),
    )


def _make_transfer() -> None:
    op.create_table(
        "transfer",
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
        sa.Column("from_account_id", sa.String(length=40), nullable=True),
        sa.Column("to_account_id", sa.String(length=40), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_transfer")),
    )


def _make_journal_entry() -> None:
    op.create_table(
        "journal_entry",
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
        sa.Column("adjustment", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_journal_entry")),
    )


def _make_ledger_line() -> None:
    op.create_table(
        "ledger_line",
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
        sa.PrimaryKeyConstraint("business_id", "document_kind", "document_id", "position", name=op.f("pk_ledger_line")),
        sqlite_with_rowid=False,
    )


def _make_ledger_link() -> None:
    op.create_table(
        "ledger_link",
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
            name=op.f("pk_ledger_link"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_ledger_link_business_id_linked_kind_linked_id"),
        "ledger_link",
        ["business_id", "linked_kind", "linked_id"],
        unique=False,
    )
