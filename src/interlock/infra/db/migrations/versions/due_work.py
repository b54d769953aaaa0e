"""What is to be done and when, business by business, and the workers that do it."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "due_work"
down_revision = "passports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_sync_due()
    _make_worker()
    security.scope("sync_due")
    security.grant("worker")


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_sync_due() -> None:
    op.create_table(
        "sync_due",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("proof_due_at", Instant(), nullable=False),
        sa.Column("looked_at", Instant(), nullable=True),
        sa.Column("failures", Whole, nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("holder", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "rail", name=op.f("pk_sync_due")),
    )
    op.create_index(op.f("ix_sync_due_due_at"), "sync_due", ["due_at"], unique=False)


def _make_worker() -> None:
    op.create_table(
        "worker",
        sa.Column("executor_id", sa.String(length=80), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("leased_until", Instant(), nullable=False),
        sa.Column("leads_until", Instant(), nullable=True),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name=op.f("pk_worker")),
    )
