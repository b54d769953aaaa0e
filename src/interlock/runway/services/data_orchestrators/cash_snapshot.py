"""Cash of one business where the slices meet: what is in flight, what explains each account's drift, what can be spent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.bank import matches
from interlock.domains.bank.matching.values import LEDGER, Key, Line, Movement
from interlock.domains.bank.services.balance_service import BankBalance, bank_balances
from interlock.domains.bank.services.earmark_service import reserved
from interlock.domains.bank.witness_models import BankLine
from interlock.kernel.scope import Scope
from interlock.runway.services.calculators.drift import Drift, Item, Truths, explain
from interlock.runway.services.calculators.spendable import Spendable, available_of
from interlock.runway.services.calculators.witnessed import AccountDrift
from interlock.runway.services.data_orchestrators.cash_movements import Moving, leaving, look

OUTFLOW_DAYS = 30
_LINES_MOST = 20_000


class Cash(Struct, frozen=True):
    """``drifts``: of each linked account that has both balances; ``unlinked``: bank accounts that no book balance stands beside;

    ``outflow_30_days``: money out, above zero, by account of the ledger.
    """

    drifts: tuple[Drift, ...]
    spendable: Spendable | None
    unlinked: tuple[BankBalance, ...]
    outflow_30_days: dict[str, int]


def read_cash(db: Session, scope: Scope, banks: Sequence[BankBalance], home: str, now: datetime) -> Cash:
    """From the mirror alone; nothing where no bank is linked."""
    if not banks:
        return Cash((), None, (), {})
    moving = look(db, scope, now)
    accounts, since, free = moving.accounts, moving.since, moving.free
    open_lines = _without_ledger(db, scope, accounts)
    drifts = tuple(
        _drift(each, free, open_lines, since)
        for each in banks
        if each.book is not None and each.current is not None and each.book.currency == each.currency
    )
    spendable = _spendable(db, scope, banks, moving, home)
    return Cash(
        drifts,
        spendable,
        tuple(each for each in banks if each.ledger_id is None),
        _outflow(db, scope, accounts, now.date()),
    )


def account_drifts(db: Session, scope: Scope, home: str, now: datetime) -> tuple[AccountDrift, ...]:
    """Each linked account's drift, as the checks judge it."""
    cash = read_cash(db, scope, bank_balances(db, str(scope.business_id), now), home, now)
    return tuple(
        AccountDrift(
            each.truths.bank_account_id,
            each.truths.ledger_id,
            each.truths.spoken,
            each.truths.currency,
            each.truths.bank_minor,
            each.truths.book_minor,
            each.outstanding_minor - each.in_transit_minor,
            cash.outflow_30_days.get(each.truths.ledger_id, 0),
        )
        for each in cash.drifts
    )


def _drift(bank: BankBalance, free: dict[Key, Movement], open_lines: Sequence[Line], since: dict[str, date]) -> Drift:
    assert bank.book is not None and bank.current is not None and bank.ledger_id is not None
    truths = Truths(
        bank.id,
        bank.ledger_id,
        bank.spoken,
        bank.currency,
        bank.current.minor,
        bank.book.minor,
        since.get(bank.id),
    )
    waiting = [
        Item(each.kind, each.id, each.dated, each.minor, each.party or "", each.number)
        for each in free.values()
        if each.book == LEDGER and each.account_id == bank.ledger_id and each.currency == bank.currency
    ]
    lines = [
        Item(matches.LINE, each.id, each.dated, each.minor, each.text, each.check_number)
        for each in open_lines
        if each.bank_account_id == bank.id
    ]
    return explain(truths, waiting, lines)


def _spendable(db: Session, scope: Scope, banks: Sequence[BankBalance], moving: Moving, home: str) -> Spendable | None:
    cash = deposits(banks, home)
    if not cash:
        return None
    told = [available_at(each, moving) for each in cash]
    available = None if None in told else sum(minor for minor in told if minor is not None)
    held = reserved(db, scope)
    return Spendable(available, leaving(db, scope, moving, cash, home), held.earmarked_minor, held.restricted_minor)


def deposits(banks: Sequence[BankBalance], home: str) -> list[BankBalance]:
    """Cash at banks: deposit accounts in home currency; cards and loans are debt."""
    return [each for each in banks if each.deposit and each.currency == home]


def available_at(bank: BankBalance, moving: Moving) -> int | None:
    """What a bank says can be taken out of one account; ``None`` where it says nothing of it."""
    return available_of(
        None if bank.available is None else bank.available.minor,
        None if bank.current is None else bank.current.minor,
        [line.minor for line in moving.pending if line.bank_account_id == bank.id],
    )


def _without_ledger(db: Session, scope: Scope, accounts: dict[str, str]) -> list[Line]:
    """Posted lines that serve no movement of the books; a rail may know of them all the same."""
    serving = matches.lines_of_ledger(scope)
    query = (
        matches.lines_of(db, scope, accounts)
        .where(BankLine.id.not_in(serving))
        .order_by(BankLine.dated.desc(), BankLine.id)
        .limit(_LINES_MOST)
    )
    return [matches.line_of(row, accounts) for row in db.execute(query)]


def _outflow(db: Session, scope: Scope, accounts: dict[str, str], today: date) -> dict[str, int]:
    """Posted money out of the last thirty days, above zero, by account of the ledger."""
    query = select(BankLine.account_id, func.sum(BankLine.amount_minor)).where(
        BankLine.business_id == scope.business_id,
        BankLine.buried_at.is_(None),
        BankLine.pending.is_(False),
        BankLine.amount_minor < 0,
        BankLine.dated > today - timedelta(days=OUTFLOW_DAYS),
    )
    found: dict[str, int] = defaultdict(int)
    for account_id, minor in db.execute(query.group_by(BankLine.account_id)):
        if account_id in accounts:
            found[accounts[account_id]] -= int(minor)
    return dict(found)
