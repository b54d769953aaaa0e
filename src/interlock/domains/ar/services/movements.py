"""Movements of receivables: what customers paid straight to a bank account, refunds from one, and the rail's payouts."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ar.models import CustomerPayment, Invoice, RefundReceipt, SalesReceipt
from interlock.domains.ar.witness_models import Payout
from interlock.domains.bank.matches import OPEN_INVOICE
from interlock.domains.bank.matching import windows
from interlock.domains.bank.matching.values import COLLECTING, LEDGER, OWED, Movement
from interlock.domains.bank.movements import standing
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope

PAYOUT_PARTY = "Stripe"
"""What banks write beside a payout."""
OWED_MOST = 20_000
_PAID_BEFORE = timedelta(days=5)
_PAID_WITHIN = timedelta(days=730)
_NEVER_LEFT = ("failed", "canceled", "cancelled")


def receivable_movements(db: Session, scope: Scope, *, accounts: frozenset[str], since: date) -> Sequence[Movement]:
    """See ``bank.ports.StatesMovements``. A payout names no account of ours: it is matched on whichever has its deposit."""
    return [*_receipts(db, scope, sorted(accounts), since), *_payouts(db, scope, since)]


def owed_movements(db: Session, scope: Scope, *, accounts: frozenset[str], since: date) -> Sequence[Movement]:
    """See ``bank.ports.StatesMovements``: what is open of each invoice, the oldest ``OWED_MOST``, as if it were paid in one sum.

    An invoice names no account of ours, and is paid on any day since shortly before it was made.
    """
    del accounts, since
    query = select(
        Invoice.id, Invoice.dated, Invoice.balance_minor, Invoice.currency, Invoice.number, Invoice.customer_name
    ).where(
        Invoice.business_id == scope.business_id,
        Invoice.buried_at.is_(None),
        Invoice.voided.is_(False),
        Invoice.balance_minor > 0,
    )
    return [
        Movement(
            OWED, OPEN_INVOICE, id_, None, dated, dated - _PAID_BEFORE, dated + _PAID_WITHIN, minor, currency, number,
            customer, quoted=True,
        )
        for id_, dated, minor, currency, number, customer in db.execute(
            query.order_by(Invoice.dated, Invoice.id).limit(OWED_MOST)
        )
    ]  # fmt: skip


def _receipts(db: Session, scope: Scope, accounts: list[str], since: date) -> Iterator[Movement]:
    sources: tuple[tuple[str, Any, Any, int], ...] = (
        ("payment", CustomerPayment, CustomerPayment.deposit_account_id, 1),
        ("sales_receipt", SalesReceipt, SalesReceipt.deposit_account_id, 1),
        ("refund_receipt", RefundReceipt, RefundReceipt.account_id, -1),
    )
    for kind, model, account, sign in sources:
        query = select(
            model.id, account, model.dated, model.total_minor, model.currency, model.number, model.customer_name
        ).where(*standing(model, scope, since), among(db, account, accounts))
        for row in db.execute(query):
            first, last = windows.deposit(row.dated) if sign > 0 else windows.electronic(row.dated)
            minor = sign * row.total_minor
            yield Movement(
                LEDGER,
                kind,
                row.id,
                row[1],
                row.dated,
                first,
                last,
                minor,
                row.currency,
                row.number,
                row.customer_name,
            )


def _payouts(db: Session, scope: Scope, since: date) -> Iterator[Movement]:
    query = select(Payout).where(
        Payout.business_id == scope.business_id,
        Payout.buried_at.is_(None),
        Payout.arrives_on >= since,
        Payout.state.not_in(_NEVER_LEFT),
        Payout.amount_minor != 0,
    )
    for each in db.scalars(query.order_by(Payout.id)):
        first, last = windows.instructed(each.arrives_on)
        yield Movement(
            COLLECTING,
            "payout",
            each.id,
            None,
            each.arrives_on,
            first,
            last,
            each.amount_minor,
            each.currency,
            None,
            PAYOUT_PARTY,
            (each.trace,) if each.trace else (),
        )
