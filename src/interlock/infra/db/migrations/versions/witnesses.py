"""What banks, the paying rail and the collecting rail say, as rows."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "witnesses"
down_revision = "completeness"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_bank_account()
    _make_bank_line()
    _make_funding_account()
    _make_rail_vendor()
    _make_rail_bill()
    _make_rail_customer()
    _make_rail_invoice()
    _make_invoice_receipt()
    _make_charge()
    _make_refund()
    _make_dispute()
    _make_payout()
    _make_payout_part()
    for table in _TABLES:
        security.scope(table)


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


_TABLES = (
    "bank_account",
    "bank_line",
    "funding_account",
    "rail_vendor",
    "rail_bill",
    "rail_customer",
    "rail_invoice",
    "invoice_receipt",
    "charge",
    "refund",
    "dispute",
    "payout",
    "payout_part",
)


def _make(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("created_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.Column("listing", Whole, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("buried_at", Instant(), nullable=True),
        *columns,
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f(f"pk_{name}")),
    )


def _make_bank_account() -> None:
    _make(
        "bank_account",
        sa.Column("item_id", sa.String(length=80), nullable=False),
        sa.Column("institution_id", sa.String(length=80), nullable=True),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mask", sa.String(length=20), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sub_kind", sa.String(length=60), nullable=True),
        sa.Column("lasting_id", sa.String(length=120), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("available_minor", Whole, nullable=True),
        sa.Column("current_minor", Whole, nullable=True),
        sa.Column("limit_minor", Whole, nullable=True),
        sa.Column("observed_at", Instant(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
    )


def _make_bank_line() -> None:
    _make(
        "bank_line",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("authorised", sa.Date(), nullable=True),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("counterparty", sa.Text(), nullable=True),
        sa.Column("check_number", sa.String(length=40), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("pending_id", sa.String(length=40), nullable=True),
    )
    op.create_index(
        "ix_bank_line_business_id_account_id_dated", "bank_line", ["business_id", "account_id", "dated"], unique=False
    )


def _make_funding_account() -> None:
    _make(
        "funding_account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mask", sa.String(length=20), nullable=True),
        sa.Column("entity_id", sa.String(length=40), nullable=True),
        sa.Column("entity_name", sa.Text(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pays_bills", sa.Boolean(), nullable=False),
    )


def _make_rail_vendor() -> None:
    _make(
        "rail_vendor",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("ledger_id", sa.String(length=40), nullable=True),
        sa.Column("payable", sa.Boolean(), nullable=True),
    )


def _make_rail_bill() -> None:
    _make(
        "rail_bill",
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("remote_id", sa.String(length=120), nullable=True),
        sa.Column("vendor_id", sa.String(length=40), nullable=True),
        sa.Column("vendor_name", sa.Text(), nullable=True),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", Whole, nullable=False),
        sa.Column("ledger_id", sa.String(length=40), nullable=True),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("approval", sa.String(length=40), nullable=False),
        sa.Column("payment_state", sa.String(length=40), nullable=False),
        sa.Column("synced", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("batch_id", sa.String(length=40), nullable=True),
        sa.Column("funding_account_id", sa.String(length=40), nullable=True),
        sa.Column("payment_minor", Whole, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("arrives_on", sa.Date(), nullable=True),
        sa.Column("paid_at", Instant(), nullable=True),
        sa.Column("trace", sa.Text(), nullable=True),
        sa.Column("archived_at", Instant(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
    )


def _make_rail_customer() -> None:
    _make(
        "rail_customer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("ledger_id", sa.String(length=40), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
    )


def _make_rail_invoice() -> None:
    _make(
        "rail_invoice",
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", Whole, nullable=False),
        sa.Column("paid_minor", Whole, nullable=False),
        sa.Column("open_minor", Whole, nullable=False),
        sa.Column("ledger_id", sa.String(length=40), nullable=True),
        sa.Column("ledger_number", sa.String(length=60), nullable=True),
        sa.Column("order_key", sa.String(length=120), nullable=True),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("paid_out_of_band", sa.Boolean(), nullable=False),
        sa.Column("finalised_at", Instant(), nullable=True),
        sa.Column("paid_at", Instant(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
    )


def _make_invoice_receipt() -> None:
    _make(
        "invoice_receipt",
        sa.Column("invoice_id", sa.String(length=40), nullable=False),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("charge_id", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("requested_minor", Whole, nullable=False),
        sa.Column("paid_minor", Whole, nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("paid_at", Instant(), nullable=True),
    )
    for column in ("invoice_id", "payment_id", "charge_id"):
        name = f"ix_invoice_receipt_business_id_{column}"
        op.create_index(name, "invoice_receipt", ["business_id", column], unique=False)


def _make_charge() -> None:
    _make(
        "charge",
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("refunded_minor", Whole, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("movement_id", sa.String(length=40), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
    )


def _make_refund() -> None:
    _make(
        "refund",
        sa.Column("charge_id", sa.String(length=40), nullable=True),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("order_key", sa.String(length=120), nullable=True),
    )


def _make_dispute() -> None:
    _make(
        "dispute",
        sa.Column("charge_id", sa.String(length=40), nullable=True),
        sa.Column("payment_id", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answer_by", Instant(), nullable=True),
    )


def _make_payout() -> None:
    _make(
        "payout",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("attributed", sa.Boolean(), nullable=False),
        sa.Column("unattributed", sa.Text(), nullable=True),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=True),
        sa.Column("destination_id", sa.String(length=40), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
    )


def _make_payout_part() -> None:
    _make(
        "payout_part",
        sa.Column("payout_id", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=40), nullable=True),
        sa.Column("charge_id", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("gross_minor", Whole, nullable=False),
        sa.Column("fee_minor", Whole, nullable=False),
        sa.Column("net_minor", Whole, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("available_at", Instant(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
    )
    op.create_index("ix_payout_part_business_id_payout_id", "payout_part", ["business_id", "payout_id"], unique=False)
