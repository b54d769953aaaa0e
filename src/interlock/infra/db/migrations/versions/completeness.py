"""Proofs of completeness: QuickBooks' balance sheet beside ours, and where a difference lies."""

import sqlalchemy as sa
from alembic import op

revision = "completeness"
down_revision = "inbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ledger_proof", sa.Column("balances", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("ledger_proof", sa.Column("balances_here", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("ledger_proof", sa.Column("located", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")
