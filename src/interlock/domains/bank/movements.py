"""Movements of the bank slice's own: deposits, purchases, transfers, and journal entries on bank accounts."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.matching import windows
from interlock.domains.bank.matching.values import LEDGER, Movement
from interlock.domains.bank.models import Deposit, JournalEntry, LedgerLine, Purchase, Transfer
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.documents import DocumentRow

_CHECK = "check"


def own_movements(db: Session, scope: Scope, *, accounts: frozenset[str], since: date) -> Sequence[Movement]:
    """See ``ports.StatesMovements``. A transfer is two movements, one on each of its accounts."""
    parts = (_deposits, _purchases, _transfers, _journals)
    return [each for part in parts for each in part(db, scope, sorted(accounts), since)]


def standing(model: type[DocumentRow], scope: Scope, since: date) -> tuple[Any, ...]:
    """Which documents state a movement at all."""
    return (
        model.business_id == scope.business_id,
        model.buried_at.is_(None),
        model.voided.is_(False),
        model.dated >= since,
        model.total_minor != 0,
    )


def written_by_check(method: str, number: str | None) -> bool:
    """QuickBooks calls every payment from a bank account a check; one with a plain number was written on paper."""
    return method == _CHECK and number is not None and number.strip().isdigit()


def _deposits(db: Session, scope: Scope, accounts: list[str], since: date) -> Iterator[Movement]:
    query = select(Deposit.id, Deposit.account_id, Deposit.dated, Deposit.total_minor, Deposit.currency, Deposit.number)
    for row in db.execute(query.where(*standing(Deposit, scope, since), among(db, Deposit.account_id, accounts))):
        first, last = windows.deposit(row.dated)
        yield Movement(
            LEDGER, "deposit", row.id, row.account_id, row.dated, first, last, row.total_minor, row.currency, row.number
        )


def _purchases(db: Session, scope: Scope, accounts: list[str], since: date) -> Iterator[Movement]:
    query = select(
        Purchase.id,
        Purchase.account_id,
        Purchase.dated,
        Purchase.total_minor,
        Purchase.currency,
        Purchase.number,
        Purchase.party_name,
        Purchase.method,
        Purchase.refund,
    ).where(*standing(Purchase, scope, since), among(db, Purchase.account_id, accounts))
    for row in db.execute(query):
        paper = written_by_check(row.method, row.number)
        first, last = windows.check(row.dated) if paper else windows.electronic(row.dated)
        yield Movement(
            LEDGER,
            "purchase",
            row.id,
            row.account_id,
            row.dated,
            first,
            last,
            row.total_minor if row.refund else -row.total_minor,
            row.currency,
            row.number,
            row.party_name,
            paper=paper,
        )


def _transfers(db: Session, scope: Scope, accounts: list[str], since: date) -> Iterator[Movement]:
    for kind, account, sign in (
        ("transfer_out", Transfer.from_account_id, -1),
        ("transfer_in", Transfer.to_account_id, 1),
    ):
        query = select(Transfer.id, account, Transfer.dated, Transfer.total_minor, Transfer.currency, Transfer.number)
        for row in db.execute(query.where(*standing(Transfer, scope, since), among(db, account, accounts))):
            first, last = windows.electronic(row.dated)
            yield Movement(
                LEDGER, kind, row.id, row[1], row.dated, first, last, sign * row.total_minor, row.currency, row.number
            )


def _journals(db: Session, scope: Scope, accounts: list[str], since: date) -> Iterator[Movement]:
    """What an entry does to one account is one movement; its id is the entry's and the account's."""
    entries = JournalEntry
    query = (
        select(
            entries.id,
            entries.dated,
            entries.currency,
            entries.number,
            LedgerLine.account_id,
            LedgerLine.amount_minor,
            LedgerLine.posting,
        )
        .join(
            LedgerLine,
            (LedgerLine.business_id == entries.business_id)
            & (LedgerLine.document_kind == "journal_entry")
            & (LedgerLine.document_id == entries.id),
        )
        .where(
            entries.business_id == scope.business_id,
            entries.buried_at.is_(None),
            entries.voided.is_(False),
            entries.dated >= since,
            among(db, LedgerLine.account_id, accounts),
        )
    )
    moved: dict[tuple[str, str], int] = defaultdict(int)
    of: dict[tuple[str, str], Any] = {}
    for row in db.execute(query):
        key = (row.id, row.account_id)
        moved[key] += row.amount_minor if row.posting == "Debit" else -row.amount_minor
        of[key] = row
    for (id_, account_id), minor in moved.items():
        row = of[id_, account_id]
        if minor:
            first, last = windows.electronic(row.dated)
            yield Movement(
                LEDGER,
                "journal_entry",
                f"{id_}:{account_id}",
                account_id,
                row.dated,
                first,
                last,
                minor,
                row.currency,
                row.number,
            )
