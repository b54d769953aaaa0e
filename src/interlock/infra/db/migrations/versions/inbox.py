"""Notices that rails sent, each once."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant

revision = "inbox"
down_revision = "budgets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("firm_id", sa.String(length=40), nullable=True),
        sa.Column("business_id", sa.String(length=40), nullable=True),
        sa.Column("external_id", sa.String(length=80), nullable=False),
        sa.Column("entity", sa.String(length=60), nullable=False),
        sa.Column("entity_id", sa.String(length=60), nullable=False),
        sa.Column("operation", sa.String(length=20), nullable=False),
        sa.Column("happened_at", Instant(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("handled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("rail", "event_id", name=op.f("pk_inbox")),
    )
    op.create_index(op.f("ix_inbox_business_id_handled_at"), "inbox", ["business_id", "handled_at"], unique=False)
    security.scope("inbox")


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")
