"""What a connection can show of itself (ages, ends, last proof), and the attempts to connect that wait for their callback."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "passports"
down_revision = "ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _extend_connection()
    _make_connect_attempt()
    security.scope("connect_attempt")


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _extend_connection() -> None:
    op.add_column("connection", sa.Column("scopes", sa.Text(), nullable=False, server_default=""))
    op.add_column("connection", sa.Column("granted_at", Instant(), nullable=True))
    op.add_column("connection", sa.Column("access_expires_at", Instant(), nullable=True))
    op.add_column("connection", sa.Column("refresh_issued_at", Instant(), nullable=True))
    op.add_column("connection", sa.Column("refresh_expires_at", Instant(), nullable=True))
    op.add_column("connection", sa.Column("hard_expires_at", Instant(), nullable=True))
    op.add_column("connection", sa.Column("proved_at", Instant(), nullable=True))
    op.add_column("connection", sa.Column("disconnected_at", Instant(), nullable=True))
    op.add_column("connection", sa.Column("records", sa.Boolean(), nullable=False, server_default=sa.false()))


def _make_connect_attempt() -> None:
    op.create_table(
        "connect_attempt",
        sa.Column("attempt_id", sa.String(length=40), nullable=False),
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column("place", Whole, nullable=False),
        sa.Column("firm_id", sa.String(length=40), nullable=True),
        sa.Column("business_id", sa.String(length=40), nullable=True),
        sa.Column("firm_name", sa.Text(), nullable=True),
        sa.Column("rail", sa.String(length=10), nullable=False),
        sa.Column("business_name", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=True),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("redirect_uri", sa.Text(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("company_name", sa.Text(), nullable=True),
        sa.Column("external_id", sa.String(length=80), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_connect_attempt")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_connect_attempt_state_hash")),
    )
    op.create_index(op.f("ix_connect_attempt_round_id"), "connect_attempt", ["round_id"], unique=False)
