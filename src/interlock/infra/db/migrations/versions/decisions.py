"""What people decide: policies, people and their roles, intents and approvals, earmarks and what recurs, payees."""

import sqlalchemy as sa
from alembic import op

from interlock.infra.db.migrations import security
from interlock.infra.db.types import Instant, Whole

revision = "decisions"
down_revision = "links"
branch_labels = None
depends_on = None

_OF_FIRM = ("policy_version", "person", "answered_request")
_OF_BUSINESS = (
    "role_grant",
    "delegation",
    "earmark",
    "recurring_item",
    "payment_intent",
    "intent_approval",
    "decision",
    "decision_inputs",
    "vendor_payee",
    "payee_callback",
)
_WRITE_ONCE = {
    "policy_version": ("policy_id",),
    "decision": ("business_id", "decision_id"),
    "decision_inputs": ("business_id", "digest"),
}


def upgrade() -> None:
    _make_policy_version()
    _make_person()
    _make_role_grant()
    _make_delegation()
    _make_answered_request()
    _make_earmark()
    _make_recurring_item()
    _make_payment_intent()
    _make_intent_approval()
    _make_decision()
    _make_decision_inputs()
    _make_vendor_payee()
    _make_payee_callback()
    op.add_column("bill_annotation", sa.Column("snoozed_until", sa.Date(), nullable=True))
    for table in _OF_FIRM:
        security.scope(table, business_column=None, rights=_rights(table))
    for table in _OF_BUSINESS:
        security.scope(table, rights=_rights(table))
    for table, key in _WRITE_ONCE.items():
        security.append_only(table, key)


def downgrade() -> None:
    raise RuntimeError("Going back is done by restoring a backup: money records are not dropped by a command.")


def _rights(table: str) -> str:
    return "SELECT, INSERT" if table in _WRITE_ONCE else "SELECT, INSERT, UPDATE, DELETE"


def _make_policy_version() -> None:
    op.create_table(
        "policy_version",
        sa.Column("policy_id", sa.String(length=40), nullable=False),
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("firm_id", "client_id", "version", name=op.f("uq_policy_version_firm_id")),
        sqlite_with_rowid=False,
    )


def _make_person() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
    )
    op.create_index("ux_person_firm_id_handle", "person", ["firm_id", "handle"], unique=True)


def _make_role_grant() -> None:
    op.create_table(
        "role_grant",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("grant_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "grant_id", name=op.f("pk_role_grant")),
    )
    op.create_index(
        "ux_role_grant_standing",
        "role_grant",
        ["business_id", "person_id", "role"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _make_delegation() -> None:
    op.create_table(
        "delegation",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("delegation_id", sa.String(length=40), nullable=False),
        sa.Column("from_person", sa.String(length=40), nullable=False),
        sa.Column("to_person", sa.String(length=40), nullable=False),
        sa.Column("limit_minor", Whole, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "delegation_id", name=op.f("pk_delegation")),
    )


def _make_answered_request() -> None:
    op.create_table(
        "answered_request",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("status", Whole, nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("firm_id", "key", name=op.f("pk_answered_request")),
    )


def _make_earmark() -> None:
    op.create_table(
        "earmark",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("earmark_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("needed_on", sa.Date(), nullable=True),
        sa.Column("recurring_id", sa.String(length=40), nullable=True),
        sa.Column("vendor_id", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("consumed_kind", sa.String(length=20), nullable=True),
        sa.Column("consumed_id", sa.String(length=80), nullable=True),
        sa.Column("consumed_minor", Whole, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "earmark_id", name=op.f("pk_earmark")),
    )


def _make_recurring_item() -> None:
    op.create_table(
        "recurring_item",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("recurring_id", sa.String(length=40), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("inflow", sa.Boolean(), nullable=False),
        sa.Column("cadence", sa.String(length=20), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "recurring_id", name=op.f("pk_recurring_item")),
    )


def _make_payment_intent() -> None:
    op.create_table(
        "payment_intent",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("intent_id", sa.String(length=40), nullable=False),
        sa.Column("bill_id", sa.String(length=40), nullable=False),
        sa.Column("vendor_id", sa.String(length=40), nullable=True),
        sa.Column("amount_minor", Whole, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("credits", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("prepared_by", sa.String(length=40), nullable=False),
        sa.Column("prepared_at", Instant(), nullable=False),
        sa.Column("approved_at", Instant(), nullable=True),
        sa.Column("undo_until", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "intent_id", name=op.f("pk_payment_intent")),
    )
    op.create_index("ix_payment_intent_business_id_bill_id", "payment_intent", ["business_id", "bill_id"], unique=False)
    op.create_index(
        "ix_payment_intent_live",
        "payment_intent",
        ["business_id", "pay_on"],
        unique=False,
        sqlite_where=sa.text("state IN ('proposed', 'half', 'approved')"),
        postgresql_where=sa.text("state IN ('proposed', 'half', 'approved')"),
    )


def _make_intent_approval() -> None:
    op.create_table(
        "intent_approval",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("intent_id", sa.String(length=40), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("for_person", sa.String(length=40), nullable=True),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "intent_id", "decision_id", name=op.f("pk_intent_approval")),
    )


def _make_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("for_person", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("inputs_digest", sa.String(length=64), nullable=True),
        sa.Column("policy_id", sa.String(length=40), nullable=True),
        sa.Column("firm_policy_id", sa.String(length=40), nullable=True),
        sa.Column("engine", Whole, nullable=True),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("override_until", Instant(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "decision_id", name=op.f("pk_decision")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_decision_business_id_decided_at", "decision", ["business_id", "decided_at"], unique=False)


def _make_decision_inputs() -> None:
    op.create_table(
        "decision_inputs",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("compressed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("business_id", "digest", name=op.f("pk_decision_inputs")),
        sqlite_with_rowid=False,
    )


def _make_vendor_payee() -> None:
    op.create_table(
        "vendor_payee",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("vendor_id", sa.String(length=40), nullable=False),
        sa.Column("verified", sa.Text(), nullable=False),
        sa.Column("verified_hash", sa.String(length=64), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("seen_hash", sa.String(length=64), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.Column("cleared_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "vendor_id", name=op.f("pk_vendor_payee")),
    )


def _make_payee_callback() -> None:
    op.create_table(
        "payee_callback",
        sa.Column("firm_id", sa.String(length=40), nullable=False),
        sa.Column("business_id", sa.String(length=40), nullable=False),
        sa.Column("callback_id", sa.String(length=40), nullable=False),
        sa.Column("vendor_id", sa.String(length=40), nullable=False),
        sa.Column("seen_hash", sa.String(length=64), nullable=False),
        sa.Column("number_called", sa.Text(), nullable=False),
        sa.Column("number_from", sa.Text(), nullable=False),
        sa.Column("spoke_to", sa.Text(), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("cleared", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("business_id", "callback_id", name=op.f("pk_payee_callback")),
    )
