"""The ledger's side of the books snapshot: accounts, terms, the closing date, control accounts and the last proof."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import BillPayment, PayableLink
from interlock.domains.ap.services.aging_service import PayablesAging
from interlock.domains.ar.models import CustomerPayment, ReceivableLink
from interlock.domains.ar.services.aging_service import ReceivablesAging
from interlock.domains.bank.control import PAYABLE, RECEIVABLE, control_accounts, control_postings
from interlock.domains.bank.models import Account
from interlock.domains.firm.aging import Aging
from interlock.domains.firm.models import LedgerPreferences, LedgerProof, Term
from interlock.kernel.money import in_home
from interlock.rails.connections import SyncState
from interlock.runway.services.calculators.books import ControlAccount, ControlEntry, Proof, TermEntry
from interlock.runway.services.data_orchestrators.proof_snapshot import QBO, differences_of

# An account's book balance has no as-of date: it holds every document, future-dated ones too.
_EVER = date.max


def account_names(db: Session, business_id: str) -> Mapping[str, str]:
    query = select(Account.id, Account.name).where(Account.business_id == business_id, Account.buried_at.is_(None))
    return dict(db.execute(query).all())


def terms(db: Session, business_id: str) -> Mapping[str, TermEntry]:
    query = select(Term.id, Term.name, Term.due_days).where(Term.business_id == business_id, Term.buried_at.is_(None))
    return {row[0]: TermEntry(*row) for row in db.execute(query)}


def closed_through(db: Session, business_id: str) -> date | None:
    query = select(LedgerPreferences.closed_through).where(
        LedgerPreferences.business_id == business_id, LedgerPreferences.buried_at.is_(None)
    )
    return db.execute(query).scalars().first()


def last_proof(db: Session, business_id: str) -> Proof | None:
    kept = db.get(LedgerProof, business_id)
    if kept is None:
        return None
    state = db.get(SyncState, (business_id, QBO))
    return Proof(
        report_date=kept.report_date,
        counts=json.loads(kept.counts),
        counts_here=json.loads(kept.counts_here),
        payables_minor=kept.payables_minor,
        payables_here_minor=kept.payables_here_minor,
        receivables_minor=kept.receivables_minor,
        receivables_here_minor=kept.receivables_here_minor,
        located=differences_of(kept, state),
    )


def control_sides(db: Session, business_id: str, home: str) -> tuple[ControlAccount, ...]:
    """Both control accounts beside what the mirror's open documents sum to."""
    return (
        _side(db, business_id, home, PAYABLE, PayablesAging(db, business_id).as_of(_EVER)),
        _side(db, business_id, home, RECEIVABLE, ReceivablesAging(db, business_id).as_of(_EVER)),
    )


def _side(db: Session, business_id: str, home: str, kind: str, aging: Aging) -> ControlAccount:
    accounts = control_accounts(db, business_id, kind)
    at_home = [account for account in accounts if account.currency == home]
    total = aging.total
    subledger = total.total_minor - total.journal_minor
    if len(at_home) < len(accounts):
        # Documents in another currency stand on that currency's own account, whose balance has no rate to sum by.
        subledger -= total.foreign_minor
    return ControlAccount(
        kind=kind,
        account_id=at_home[0].id if at_home else None,
        account_name=at_home[0].name if at_home else kind,
        # QuickBooks shows what is owed on payables as a negative balance (qbo.md §10), on receivables as a positive one.
        book_minor=sum(account.balance_minor for account in at_home) * (-1 if kind == PAYABLE else 1),
        subledger_minor=subledger,
        entries=_entries(db, business_id, home, kind),
    )


def _entries(db: Session, business_id: str, home: str, kind: str) -> tuple[ControlEntry, ...]:
    """Journal entries on the control account, less what payments were applied to them since."""
    postings = control_postings(db, business_id, kind, _EVER)
    if not postings:
        return ()
    left: dict[str, int] = defaultdict(int)
    for posting in postings:
        left[posting.entry_id] += in_home(posting.minor, posting.currency, posting.exchange_rate, home)
    for entry_id, applied in _applied(db, business_id, kind):
        left[entry_id] -= applied
    known = {posting.entry_id: posting for posting in postings}
    return tuple(ControlEntry(id_, known[id_].number, known[id_].dated, left[id_]) for id_ in known)


def _applied(db: Session, business_id: str, kind: str) -> list[tuple[str, int]]:
    link, payment, name = (
        (PayableLink, BillPayment, "bill_payment") if kind == PAYABLE else (ReceivableLink, CustomerPayment, "payment")
    )
    query = (
        select(link.linked_id, func.sum(link.amount_minor))
        .join(payment, (payment.business_id == link.business_id) & (payment.id == link.document_id))
        .where(
            link.business_id == business_id,
            link.document_kind == name,
            link.linked_kind == "journal_entry",
            link.amount_minor.is_not(None),
            payment.buried_at.is_(None),
        )
        .group_by(link.linked_id)
    )
    return [(entry_id, int(applied or 0)) for entry_id, applied in db.execute(query)]
