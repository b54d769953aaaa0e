"""Bank logins, links between rails, clearing groups, and what was found out about accounts."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "links"
down_revision = "witnesses"
branch_labels = None
depends_on = None

_IDENTITIES = ("vendor_link", "bill_link", "customer_link", "invoice_link", "account_link")


def upgrade() -> None:
    _make_linked_item()
    for table in _IDENTITIES:
        _make_identity(table)
    _make_bank_match()
    _make_bank_match_part()
    _make_account_check()
    for table in ("linked_item", *_IDENTITIES, "bank_match", "bank_match_part", "account_check"):
        security.scope(table)


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_linked_item() -> None:
    op.create_table(
        "linked_item",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.String(length=80), nullable=False),
        sa.Column("institution_id", sa.String(length=80), nullable=True),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.Column("lines_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "rail", "item_id", name=op.f("pk_linked_item")),
    )


def _make_identity(table: str) -> None:
    op.create_table(
        table,
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("rail_id", sa.String(length=40), nullable=False),
        sa.Column("ledger_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("score", Whole, nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "rail", "rail_id", "ledger_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_business_id_ledger_id"), table, ["business_id", "ledger_id"], unique=False)


def _make_bank_match() -> None:
    op.create_table(
        "bank_match",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("match_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("score", Whole, nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "match_id", name=op.f("pk_bank_match")),
    )


def _make_bank_match_part() -> None:
    op.create_table(
        "bank_match_part",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("match_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("ref_id", sa.String(length=40), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "match_id", "kind", "ref_id", name=op.f("pk_bank_match_part")),
    )
    op.create_index(
        "ux_bank_match_part_serves_one",
        "bank_match_part",
        ["business_id", "kind", "ref_id"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )


def _make_account_check() -> None:
    op.create_table(
        "account_check",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("check_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("found", sa.String(length=20), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("tokenised", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("name_score", Whole, nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "check_id", name=op.f("pk_account_check")),
    )
