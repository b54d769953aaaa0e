"""Movements of payables: bill payments as the ledger has them, and payments that the paying rail was told to make."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import BillPayment, PayableLink
from interlock.domains.ap.witness_models import BillLink, FundingAccount, RailBill
from interlock.domains.bank.matching import windows
from interlock.domains.bank.matching.values import LEDGER, PAYING, Movement
from interlock.domains.bank.movements import standing, written_by_check
from interlock.domains.bank.witness_models import AccountLink
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED
from interlock.rails.paying_states import debits_the_bank, may_have_left


def payable_movements(db: Session, scope: Scope, *, accounts: frozenset[str], since: date) -> Sequence[Movement]:
    """See ``bank.ports.StatesMovements``."""
    rail_bills = list(_rail_bills(db, scope, since))
    funding = funding_accounts(db, scope)
    paid_by_rail = _batches_and_traces(db, scope, rail_bills)
    found = list(_bill_payments(db, scope, sorted(accounts), since, paid_by_rail))
    return found + [_instructed(each, funding.get(each.funding_account_id or "")) for each in rail_bills]


def funding_accounts(db: Session, scope: Scope) -> dict[str, str]:
    """The ledger's account of each of the paying rail's funding accounts, where that is known."""
    query = (
        select(AccountLink.rail_id, AccountLink.ledger_id)
        .join(
            FundingAccount,
            (FundingAccount.business_id == AccountLink.business_id) & (FundingAccount.id == AccountLink.rail_id),
        )
        .where(AccountLink.business_id == scope.business_id, AccountLink.state == LINKED)
    )
    return {row.rail_id: row.ledger_id for row in db.execute(query)}


def _rail_bills(db: Session, scope: Scope, since: date) -> Iterator[RailBill]:
    query = select(RailBill).where(
        RailBill.business_id == scope.business_id,
        RailBill.buried_at.is_(None),
        RailBill.draft.is_(False),
        RailBill.archived_at.is_(None),
        RailBill.starts_on >= since,
    )
    for each in db.scalars(query.order_by(RailBill.id)):
        if debits_the_bank(each.method) and may_have_left(each.state):
            yield each


def _instructed(bill: RailBill, account_id: str | None) -> Movement:
    assert bill.starts_on is not None, "only payments with a day are read"
    mailed = "check" in (bill.method or "").lower()
    first, last = windows.mailed(bill.starts_on) if mailed else windows.instructed(bill.starts_on, bill.arrives_on)
    amount = bill.total_minor if bill.payment_minor is None else bill.payment_minor
    return Movement(
        PAYING,
        "rail_bill",
        bill.id,
        account_id,
        bill.starts_on,
        first,
        last,
        -amount,
        bill.currency,
        bill.number,
        bill.vendor_name,
        tuple(said for said in (bill.trace, bill.batch_id) if said),
        bill.batch_id,
    )


def _batches_and_traces(
    db: Session, scope: Scope, rail_bills: Sequence[RailBill]
) -> dict[str, tuple[str | None, str | None]]:
    """By the ledger's bill: the batch its payment went out with at the rail, and its trace."""
    known = {each.id: (each.batch_id, each.trace) for each in rail_bills if each.batch_id or each.trace}
    if not known:
        return {}
    query = select(BillLink.rail_id, BillLink.ledger_id).where(
        BillLink.business_id == scope.business_id,
        BillLink.state == LINKED,
        among(db, BillLink.rail_id, list(known)),
    )
    return {row.ledger_id: known[row.rail_id] for row in db.execute(query)}


def _bill_payments(
    db: Session,
    scope: Scope,
    accounts: list[str],
    since: date,
    paid_by_rail: dict[str, tuple[str | None, str | None]],
) -> Iterator[Movement]:
    query = select(
        BillPayment.id,
        BillPayment.account_id,
        BillPayment.dated,
        BillPayment.total_minor,
        BillPayment.currency,
        BillPayment.number,
        BillPayment.vendor_name,
        BillPayment.method,
    ).where(*standing(BillPayment, scope, since), among(db, BillPayment.account_id, accounts))
    pays = _bills_paid(db, scope, list(paid_by_rail))
    for row in db.execute(query):
        paper = written_by_check(row.method, row.number)
        first, last = windows.check(row.dated) if paper else windows.electronic(row.dated)
        said = [paid_by_rail[bill_id] for bill_id in pays.get(row.id, ())]
        batches = {batch for batch, _ in said}
        yield Movement(
            LEDGER,
            "bill_payment",
            row.id,
            row.account_id,
            row.dated,
            first,
            last,
            -row.total_minor,
            row.currency,
            row.number,
            row.vendor_name,
            tuple(sorted({trace for _, trace in said if trace})),
            batches.pop() if len(batches) == 1 else None,
            paper,
        )


def _bills_paid(db: Session, scope: Scope, bill_ids: list[str]) -> dict[str, list[str]]:
    """By bill payment: which of these bills it pays."""
    if not bill_ids:
        return {}
    link: Any = PayableLink
    query = select(link.document_id, link.linked_id).where(
        link.business_id == scope.business_id,
        link.document_kind == "bill_payment",
        link.linked_kind == "bill",
        among(db, link.linked_id, bill_ids),
    )
    found: dict[str, list[str]] = {}
    for row in db.execute(query):
        found.setdefault(row.document_id, []).append(row.linked_id)
    return found
