"""Firms, businesses, connections, how far a sync has come, and the transaction log."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "firm_and_log"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_translog()
    _make_installation()
    _make_firm()
    _make_business()
    _make_connection()
    _make_sync_state()
    _make_ledger_proof()
    _make_ledger_preferences()
    _make_term()
    security.make_app_role()
    security.grant("installation")
    security.scope("translog", business_column="chain", rights="SELECT, INSERT")
    security.append_only("translog", ("chain", "seq"))
    security.scope("firm", business_column=None)
    for table in ("business", "connection", "sync_state", "ledger_proof", "ledger_preferences", "term"):
        security.scope(table)


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_translog() -> None:
    op.create_table(
        "translog",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("chain", sa.String(length=40), nullable=False),
        sa.Column("seq", Whole, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name=op.f("pk_translog")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_translog_chain_action"), "translog", ["chain", "action"], unique=False)


def _make_installation() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("clock_url", sa.Text(), nullable=True),
        sa.Column("clock_offset_seconds", Whole, nullable=False),
        sa.Column("key_check", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )


def _make_firm() -> None:
    op.create_table(
        "firm",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("firm_id", name=op.f("pk_firm")),
    )


def _make_business() -> None:
    op.create_table(
        "business",
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("home_currency", sa.String(length=3), nullable=False),
        sa.Column("control_start", sa.Date(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_business")),
        sa.UniqueConstraint("firm_id", "slug", name=op.f("uq_business_firm_id")),
    )


def _make_connection() -> None:
    op.create_table(
        "connection",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("connected_at", Instant(), nullable=False),
        sa.Column("refreshed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "rail", name=op.f("pk_connection")),
        sa.UniqueConstraint("rail", "external_id", name=op.f("uq_connection_rail")),
    )


def _make_sync_state() -> None:
    op.create_table(
        "sync_state",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("since", Instant(), nullable=True),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("last_sync", Instant(), nullable=True),
        sa.Column("last_full", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "rail", name=op.f("pk_sync_state")),
    )


def _make_ledger_proof() -> None:
    op.create_table(
        "ledger_proof",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("report_date", sa.Date(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("counts_here", sa.Text(), nullable=False),
        sa.Column("payables_minor", Whole, nullable=False),
        sa.Column("payables_here_minor", Whole, nullable=False),
        sa.Column("receivables_minor", Whole, nullable=False),
        sa.Column("receivables_here_minor", Whole, nullable=False),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_ledger_proof")),
    )


def _make_ledger_preferences() -> None:
    op.create_table(
        "ledger_preferences",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", Instant(), nullable=True),
        sa.Column("company_name", sa.Text(), nullable=True),
        sa.Column("home_currency", sa.String(length=3), nullable=False),
        sa.Column("multicurrency", sa.Boolean(), nullable=False),
        sa.Column("closed_through", sa.Date(), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_ledger_preferences")),
    )


def _make_term() -> None:
    op.create_table(
        "term",
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
        sa.Column("due_days", sa.Integer(), nullable=True),
        sa.Column("day_of_month", sa.Integer(), nullable=True),
        sa.Column("discount_basis_points", sa.Integer(), nullable=False),
        sa.Column("discount_days", sa.Integer(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_term")),
    )
