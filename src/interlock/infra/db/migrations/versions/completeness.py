"""Proofs of completeness: QuickBooks' balance sheet beside ours, and where a difference lies; what a sync knows of its reading."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.types import Whole

revision = "completeness"
down_revision = "inbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger_proof", sa.Column("balances", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("ledger_proof", sa.Column("balances_here", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("ledger_proof", sa.Column("located", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("ledger_proof", sa.Column("left_out", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("sync_state", sa.Column("edition", Whole, nullable=False, server_default="0"))
    op.add_column("sync_state", sa.Column("ahead_seconds", Whole, nullable=True))
    op.add_column("sync_state", sa.Column("unread", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("sync_state", sa.Column("lacking", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")
