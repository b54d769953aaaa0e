"""A client's bank logins with the accounts they show and what was last found out about each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.match_models import AccountCheck
from interlock.domains.bank.services.account_verification_service import Verification, verification_of
from interlock.domains.bank.witness_models import BankAccount
from interlock.rails.items import REMOVED, LinkedItem

_ROWS_MOST = 500


class BankLogins(Struct, frozen=True):
    """Logins in the order they were given; ``accounts`` by login, ``checks``: the latest by account."""

    logins: Sequence[LinkedItem]
    accounts: Mapping[str, Sequence[BankAccount]]
    checks: Mapping[str, Verification]


def bank_logins(db: Session, business_id: str) -> BankLogins:
    """Of one business, bounded."""
    standing = select(LinkedItem).where(LinkedItem.business_id == business_id, LinkedItem.state != REMOVED)
    logins = db.scalars(standing.order_by(LinkedItem.linked_at, LinkedItem.item_id).limit(_ROWS_MOST)).all()
    shown = select(BankAccount).where(BankAccount.business_id == business_id, BankAccount.buried_at.is_(None))
    by_login: dict[str, list[BankAccount]] = defaultdict(list)
    by_id: dict[str, BankAccount] = {}
    for account in db.scalars(
        shown.order_by(BankAccount.kind.desc(), BankAccount.name, BankAccount.id).limit(_ROWS_MOST)
    ):
        by_login[account.item_id].append(account)
        by_id[account.id] = account
    return BankLogins(logins, by_login, _checks(db, business_id, by_id))


def _checks(db: Session, business_id: str, accounts: Mapping[str, BankAccount]) -> dict[str, Verification]:
    query = select(AccountCheck).where(AccountCheck.business_id == business_id)
    latest: dict[str, Verification] = {}
    for row in db.scalars(query.order_by(AccountCheck.checked_at.desc()).limit(_ROWS_MOST)):
        if row.account_id in accounts and row.account_id not in latest:
            latest[row.account_id] = verification_of(row, accounts[row.account_id])
    return latest
