"""Cash in two truths: what the banks say where they are linked, and what the books say. Neither stands for the other."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.bank.account_identity import BANK, CARD, bank_sign
from interlock.domains.bank.matches import linked_accounts
from interlock.domains.bank.models import Account
from interlock.domains.bank.witness_models import BankAccount
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails.items import REMOVED, WORKING, LinkedItem
from interlock.rails.ports import SyncsLedger

STALE_AFTER = timedelta(hours=24)
_UNDEPOSITED = "UndepositedFunds"
_BOOKS_ONLY = "Book balances from QuickBooks, not the bank's own; no bank is linked."
_BOTH = "Book balances from QuickBooks; the banks' own stand beside them where an account is linked."
_DEPOSITORY = "depository"


class AccountBalance(Struct, frozen=True):
    """One account's book balance; ``id`` is the ledger's."""

    id: str
    name: str
    balance: Money


class BankBalance(Struct, frozen=True):
    """What a bank said of one account at ``observed_at``. ``live``: asked of the bank then, not of the rail's cache; ``stale``:

    longer ago than a day, or the login is broken (``trouble``). ``book``: the linked ledger account's balance with the bank's
    sign; ``deposit``: cash, not debt.
    """

    id: str
    name: str
    mask: str | None
    institution: str
    deposit: bool
    currency: str
    current: Money | None
    available: Money | None
    observed_at: datetime
    live: bool
    stale: bool
    trouble: str | None
    ledger_id: str | None
    ledger_name: str | None
    book: Money | None

    @property
    def spoken(self) -> str:
        """``Checking ··4821 at Harbor Bank``."""
        return f"{self.name}{f' ··{self.mask}' if self.mask else ''} at {self.institution}"


class Balances(Struct, frozen=True):
    """Book balances in home currency. ``book_cash`` is bank accounts without Undeposited Funds; accounts in other

    currencies stand in ``foreign`` and in no total. Credit cards are what is owed, positive. ``banks``: the banks' own word.
    """

    bank: tuple[AccountBalance, ...]
    undeposited: tuple[AccountBalance, ...]
    credit_cards: tuple[AccountBalance, ...]
    foreign: tuple[AccountBalance, ...]
    book_cash: Money
    undeposited_funds: Money
    card_debt: Money
    last_sync: datetime | None
    basis: str = _BOOKS_ONLY
    banks: tuple[BankBalance, ...] = ()


class BalanceService:
    """Balances of one business."""

    def __init__(
        self,
        db: Session,
        business_id: str,
        *,
        qbo_sync: SyncsLedger,
        home_currency: str,
        now: datetime | None = None,
    ) -> None:
        self.db = db
        self.business_id = business_id
        self.qbo_sync = qbo_sync
        self._home = home_currency
        self._now = now

    def get_accounts(self) -> Sequence[Account]:
        """Standing accounts by full name."""
        query = select(Account).where(Account.business_id == self.business_id, Account.buried_at.is_(None))
        return self.db.scalars(query.order_by(Account.full_name, Account.id)).all()

    def get_current_balances(self) -> Balances:
        """Cash, Undeposited Funds and card debt now, by account and in sum; and what the banks say."""
        accounts = [account for account in self.get_accounts() if account.active or account.balance_minor]
        cash_like = [account for account in accounts if account.kind in {BANK, CARD} or _swept(account)]
        at_home = [account for account in cash_like if account.currency == self._home]
        undeposited = [account for account in at_home if _swept(account)]
        bank = [account for account in at_home if account.kind == BANK and not _swept(account)]
        cards = [account for account in at_home if account.kind == CARD]
        banks = self.get_bank_balances()
        return Balances(
            bank=_lines(bank),
            undeposited=_lines(undeposited),
            credit_cards=_lines(cards),
            foreign=_lines([account for account in cash_like if account.currency != self._home]),
            book_cash=self._sum(bank),
            undeposited_funds=self._sum(undeposited),
            card_debt=self._sum(cards),
            last_sync=self.qbo_sync.freshness().last_sync,
            basis=_BOTH if banks else _BOOKS_ONLY,
            banks=banks,
        )

    def get_bank_balances(self) -> tuple[BankBalance, ...]:
        """Accounts of logins that were not removed, by institution and name."""
        return bank_balances(self.db, self.business_id, self._now)

    def _sum(self, accounts: Sequence[Account]) -> Money:
        return Money.total((account.balance for account in accounts), self._home)


def bank_balances(db: Session, business_id: str, now: datetime | None) -> tuple[BankBalance, ...]:
    """What banks said last, account by account; without ``now`` nothing is called old."""
    query = (
        select(BankAccount, LinkedItem.state, LinkedItem.trouble)
        .outerjoin(
            LinkedItem,
            (LinkedItem.business_id == BankAccount.business_id) & (LinkedItem.item_id == BankAccount.item_id),
        )
        .where(BankAccount.business_id == business_id, BankAccount.buried_at.is_(None))
        .order_by(BankAccount.institution, BankAccount.name, BankAccount.id)
    )
    rows = [row for row in db.execute(query) if row.state != REMOVED]
    if not rows:
        return ()
    links = linked_accounts(db, Scope(rows[0].BankAccount.firm_id, business_id))
    wanted = select(Account).where(Account.business_id == business_id, Account.kind.in_((BANK, CARD)))
    books = {account.id: account for account in db.scalars(wanted.where(Account.buried_at.is_(None)))}
    return tuple(
        _banks_word(row.BankAccount, row.state, row.trouble, books.get(links.get(row.BankAccount.id, "")), now)
        for row in rows
    )


def _banks_word(
    said: BankAccount, state: str | None, trouble: str | None, book: Account | None, now: datetime | None
) -> BankBalance:
    return BankBalance(
        id=said.id,
        name=said.name,
        mask=said.mask,
        institution=said.institution,
        deposit=said.kind.lower() == _DEPOSITORY,
        currency=said.currency,
        current=None if said.current_minor is None else Money(said.current_minor, said.currency),
        available=None if said.available_minor is None else Money(said.available_minor, said.currency),
        observed_at=said.observed_at,
        live=said.live,
        stale=state not in (None, WORKING) or (now is not None and now - said.observed_at > STALE_AFTER),
        trouble=trouble,
        ledger_id=book.id if book else None,
        ledger_name=book.full_name if book else None,
        book=Money(bank_sign(book), book.currency) if book else None,
    )


def _swept(account: Account) -> bool:
    return account.sub_kind == _UNDEPOSITED


def _lines(accounts: Sequence[Account]) -> tuple[AccountBalance, ...]:
    return tuple(AccountBalance(account.id, account.name, account.balance) for account in accounts)
