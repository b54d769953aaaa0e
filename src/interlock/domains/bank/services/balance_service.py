"""Cash as the books have it. Without a linked bank this is all anybody can say, and it says so."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.models import Account
from interlock.kernel.money import Money
from interlock.rails.ports import SyncsLedger

_UNDEPOSITED = "UndepositedFunds"


class AccountBalance(Struct, frozen=True):
    """One account's book balance; ``id`` is the ledger's."""

    id: str
    name: str
    balance: Money


class Balances(Struct, frozen=True):
    """Book balances in home currency. ``book_cash`` is bank accounts without Undeposited Funds; accounts in other

    currencies stand in ``foreign`` and in no total. Credit cards are what is owed, positive.
    """

    bank: tuple[AccountBalance, ...]
    undeposited: tuple[AccountBalance, ...]
    credit_cards: tuple[AccountBalance, ...]
    foreign: tuple[AccountBalance, ...]
    book_cash: Money
    undeposited_funds: Money
    card_debt: Money
    last_sync: datetime | None
    basis: str = "Book balances from QuickBooks, not the bank's own; no bank is linked."


class BalanceService:
    """Balances of one business."""

    def __init__(self, db: Session, business_id: str, *, qbo_sync: SyncsLedger, home_currency: str) -> None:
        self.db = db
        self.business_id = business_id
        self.qbo_sync = qbo_sync
        self._home = home_currency

    def get_accounts(self) -> Sequence[Account]:
        """Standing accounts by full name."""
        query = select(Account).where(Account.business_id == self.business_id, Account.buried_at.is_(None))
        return self.db.scalars(query.order_by(Account.full_name, Account.id)).all()

    def get_current_balances(self) -> Balances:
        """Cash, Undeposited Funds and card debt now, by account and in sum."""
        accounts = [account for account in self.get_accounts() if account.active or account.balance_minor]
        cash_like = [account for account in accounts if account.kind in {"Bank", "Credit Card"} or _swept(account)]
        at_home = [account for account in cash_like if account.currency == self._home]
        undeposited = [account for account in at_home if _swept(account)]
        bank = [account for account in at_home if account.kind == "Bank" and not _swept(account)]
        cards = [account for account in at_home if account.kind == "Credit Card"]
        return Balances(
            bank=_lines(bank),
            undeposited=_lines(undeposited),
            credit_cards=_lines(cards),
            foreign=_lines([account for account in cash_like if account.currency != self._home]),
            book_cash=self._sum(bank),
            undeposited_funds=self._sum(undeposited),
            card_debt=self._sum(cards),
            last_sync=self.qbo_sync.freshness().last_sync,
        )

    def _sum(self, accounts: Sequence[Account]) -> Money:
        return Money.total((account.balance for account in accounts), self._home)


def _swept(account: Account) -> bool:
    return account.sub_kind == _UNDEPOSITED


def _lines(accounts: Sequence[Account]) -> tuple[AccountBalance, ...]:
    return tuple(AccountBalance(account.id, account.name, account.balance) for account in accounts)
