"""Rails' limits as budgets that workers lease, and the month's metered reads."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "budgets"
down_revision = "due_work"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_budget()
    _make_budget_lease()
    _make_metered_reads()
    security.grant("budget")
    security.grant("budget_lease")
    security.scope("metered_reads")


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _make_budget() -> None:
    op.create_table(
        "budget",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("spent", sa.Text(), nullable=False),
        sa.Column("paused_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_budget")),
    )


def _make_budget_lease() -> None:
    op.create_table(
        "budget_lease",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("a_second", Whole, nullable=False),
        sa.Column("in_flight", Whole, nullable=False),
        sa.Column("tokens", Whole, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", "holder", name=op.f("pk_budget_lease")),
    )


def _make_metered_reads() -> None:
    op.create_table(
        "metered_reads",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reads", Whole, nullable=False),
        sa.PrimaryKeyConstraint("business_id", "rail", "month", name=op.f("pk_metered_reads")),
    )
