"""What can be seen of how a vendor is paid: its address, and its accounts at the paying rail."""

import sqlalchemy as sa
from alembic import op

revision = "payees"
down_revision = "decisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("vendor", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("rail_vendor", sa.Column("accounts", sa.Text(), nullable=True))
    op.add_column("rail_vendor", sa.Column("address", sa.Text(), nullable=True))


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")
