"""A bank's account and the ledger's account that it is.

Exact keys, each safe because it is alone on both sides: *mask* (the ledger's account carries the bank's last digits in its name
or number, and is of the same kind and currency), *name* (two words or more, the same in both, same kind and currency), *lasting*
(the bank's own lasting id of an account that was linked before under another login's id).
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from interlock.domains.bank.models import Account
from interlock.domains.bank.witness_models import AccountLink, BankAccount
from interlock.domains.firm.identity import Thing
from interlock.domains.firm.likeness import account_blocks, account_score
from interlock.domains.firm.naming import words
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED, IdentityRow
from interlock.rails.items import REMOVED, LinkedItem

BANK, CARD = "Bank", "Credit Card"
_UNDEPOSITED = "UndepositedFunds"
_NAME_LEAST_WORDS = 2
_MASK_LEAST = 3


class Accounts:
    """``IdentityService``'s kind for bank accounts."""

    name = "account"
    model: type[IdentityRow] = AccountLink
    rules: Mapping[str, str] = {
        "lasting": "the bank's own lasting id, linked before",
        "mask": "the ledger's account carries its last digits",
        "name": "the same name, kind and currency",
    }
    score = staticmethod(account_score)
    blocks = staticmethod(account_blocks)

    def __init__(self, rail: str) -> None:
        self.rail = rail

    def rail_things(self, db: Session, scope: Scope) -> Sequence[Thing]:
        query = (
            select(BankAccount)
            .outerjoin(LinkedItem, of_login())
            .where(BankAccount.business_id == scope.business_id, stands())
        )
        return [_banks(each) for each in db.scalars(query.order_by(BankAccount.id)) if _kind_of(each.kind) is not None]

    def ledger_things(self, db: Session, scope: Scope, rail: Sequence[Thing]) -> Sequence[Thing]:
        query = select(Account).where(
            Account.business_id == scope.business_id,
            Account.buried_at.is_(None),
            Account.active,
            Account.kind.in_((BANK, CARD)),
            or_(Account.sub_kind.is_(None), Account.sub_kind != _UNDEPOSITED),
        )
        masks = {each.number for each in rail if each.number}
        before = self._linked_before(db, scope)
        return [_ledgers(each, masks, before.get(each.id)) for each in db.scalars(query.order_by(Account.id))]

    def named(self, db: Session, scope: Scope, ids: Sequence[str]) -> Mapping[str, Thing]:
        of_banks = Account.kind.in_((BANK, CARD))
        query = select(Account).where(Account.business_id == scope.business_id, of_banks, among(db, Account.id, ids))
        return {each.id: _ledgers(each, set(), None) for each in db.scalars(query)}

    def _linked_before(self, db: Session, scope: Scope) -> dict[str, str]:
        """By the ledger's account: the lasting id of a bank account that is gone and was linked to it."""
        query = (
            select(AccountLink.ledger_id, BankAccount.lasting_id)
            .join(
                BankAccount,
                (BankAccount.business_id == AccountLink.business_id) & (BankAccount.id == AccountLink.rail_id),
            )
            .outerjoin(LinkedItem, of_login())
            .where(
                AccountLink.business_id == scope.business_id,
                AccountLink.state == LINKED,
                BankAccount.lasting_id.is_not(None),
                ~stands(),
            )
        )
        return {row.ledger_id: row.lasting_id for row in db.execute(query)}


def of_login() -> ColumnElement[bool]:
    """Joins a bank's account to the login that shows it."""
    return (LinkedItem.business_id == BankAccount.business_id) & (LinkedItem.item_id == BankAccount.item_id)


def stands() -> ColumnElement[bool]:
    """Whether a bank's account is still shown, by a login that was not removed; the query joins ``of_login``, outer."""
    return and_(BankAccount.buried_at.is_(None), or_(LinkedItem.state.is_(None), LinkedItem.state != REMOVED))


def _kind_of(said: str) -> str | None:
    """The ledger's kind for a bank's; loans and investments have none here."""
    return {"depository": BANK, "credit": CARD}.get(said.lower())


def _banks(account: BankAccount) -> Thing:
    kind = _kind_of(account.kind)
    keys = {}
    if account.lasting_id:
        keys["lasting"] = account.lasting_id
    if account.mask and len(account.mask) >= _MASK_LEAST:
        keys["mask"] = f"{kind} {account.currency} {account.mask}"
    if len(words(account.name)) >= _NAME_LEAST_WORDS:
        keys["name"] = f"{kind} {account.currency} {' '.join(words(account.name))}"
    return Thing(
        account.id,
        account.name,
        keys,
        number=account.mask,
        party=account.institution,
        minor=account.current_minor,
        currency=account.currency,
        kind=kind,
    )


def _ledgers(account: Account, masks: set[str], lasting: str | None) -> Thing:
    keys = {"lasting": lasting} if lasting else {}
    said = {*words(account.full_name), *words(account.number)}
    if len(endings := masks & said) == 1:
        keys["mask"] = f"{account.kind} {account.currency} {endings.pop()}"
    if len(words(account.name)) >= _NAME_LEAST_WORDS:
        keys["name"] = f"{account.kind} {account.currency} {' '.join(words(account.name))}"
    return Thing(
        account.id,
        account.full_name,
        keys,
        number=account.number,
        minor=bank_sign(account),
        currency=account.currency,
        kind=account.kind,
    )


def bank_sign(account: Account) -> int:
    """A book balance with the bank's sign: what is owed on a card is below zero, what was paid too much is above."""
    return -account.balance_minor if account.kind == CARD else account.balance_minor
