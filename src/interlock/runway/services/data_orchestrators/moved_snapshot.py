"""Cash that moved on the books' bank accounts: what burn and buffer days are told from (product-map §2.2)."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.account_identity import BANK, CARD
from interlock.domains.bank.matching.values import LEDGER, Movement
from interlock.domains.bank.models import Account, LedgerLine, Transfer
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.runway.matching import matching_service
from interlock.runway.services.calculators.burn import WEEKS, Moved, Nature

_MARGIN_DAYS = 7
_ASSET, _EQUITY = "Asset", "Equity"
_LOAN_KINDS = frozenset({"Long Term Liability"})
_TRANSFERS = ("transfer_in", "transfer_out")


def read_moved(db: Session, scope: Scope, home: str, today: date) -> tuple[Moved, ...]:
    """Movements of the last thirteen weeks on bank accounts of home currency, in above zero, each with its nature.

    A payment of a card counts as operating: what was bought with the card is on no bank account, so it isn't counted yet.
    What owners bring or take and what a loan brings or takes is told by the other account of the entry.
    """
    query = select(Account.id, Account.kind, Account.classification, Account.currency).where(
        Account.business_id == scope.business_id, Account.buried_at.is_(None)
    )
    accounts = {row.id: row for row in db.execute(query)}
    banks = {id_: id_ for id_, row in accounts.items() if row.kind == BANK and row.currency == home}
    since = today - timedelta(days=WEEKS * 7 + _MARGIN_DAYS)
    movements = matching_service(db, scope).movements(banks, since)
    own = [each for each in movements.values() if each.book == LEDGER and each.currency == home and each.dated < today]
    natures = _natures(db, scope, own, accounts, banks)
    return tuple(Moved(each.dated, each.minor, natures.get(each.key, "operating")) for each in own)


def _natures(
    db: Session, scope: Scope, own: list[Movement], accounts: dict[str, Any], banks: dict[str, str]
) -> dict[tuple[str, str], Nature]:
    found = _of_transfers(db, scope, own, accounts, banks)
    entries = [each for each in own if each.kind in ("journal_entry", "deposit", "purchase")]
    ids = sorted({_document(each) for each in entries})
    query = select(LedgerLine.document_kind, LedgerLine.document_id, LedgerLine.account_id).where(
        LedgerLine.business_id == scope.business_id, among(db, LedgerLine.document_id, ids)
    )
    told: dict[tuple[str, str], Nature] = {}
    for kind, id_, account_id in db.execute(query) if ids else ():
        nature = _of_account(accounts.get(account_id or ""), bank=account_id in banks)
        if nature in ("owner", "financing"):
            told[kind, id_] = nature
    for each in entries:
        if (each.kind, _document(each)) in told:
            found[each.key] = told[each.kind, _document(each)]
    return found


def _document(each: Movement) -> str:
    """A journal's movement is of one account; its document is before the colon."""
    return each.id.split(":", maxsplit=1)[0]


def _of_transfers(
    db: Session, scope: Scope, own: list[Movement], accounts: dict[str, Any], banks: dict[str, str]
) -> dict[tuple[str, str], Nature]:
    moved = [each for each in own if each.kind in _TRANSFERS]
    query = select(Transfer.id, Transfer.from_account_id, Transfer.to_account_id).where(
        Transfer.business_id == scope.business_id, among(db, Transfer.id, sorted({each.id for each in moved}))
    )
    ends = {row.id: (row.from_account_id, row.to_account_id) for row in db.execute(query)} if moved else {}
    found: dict[tuple[str, str], Nature] = {}
    for each in moved:
        origin, target = ends[each.id]
        other = target if each.kind == "transfer_out" else origin
        found[each.key] = _of_account(accounts.get(other or ""), bank=other in banks)
    return found


def _of_account(account: Any, *, bank: bool) -> Nature:
    if account is None or bank or account.kind == BANK or account.classification == _ASSET:
        return "transfer"
    if account.kind == CARD:
        return "operating"
    if account.classification == _EQUITY:
        return "owner"
    return "financing" if account.kind in _LOAN_KINDS else "operating"
