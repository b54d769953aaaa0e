"""Cash of one business where the slices meet: what is in flight, what explains each account's drift, what can be spent."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import BillPayment, PayableLink
from interlock.domains.ap.witness_models import BillLink, RailBill
from interlock.domains.bank import matches
from interlock.domains.bank.matching.matcher import match
from interlock.domains.bank.matching.values import LEDGER, PAYING, Key, Line, Movement
from interlock.domains.bank.services.balance_service import BankBalance, bank_balances
from interlock.domains.bank.witness_models import BankLine
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED
from interlock.rails.paying_states import under_way
from interlock.runway.matching import matching_service
from interlock.runway.services.calculators.drift import Drift, Item, Truths, explain
from interlock.runway.services.calculators.spendable import OnItsWay, Spendable, available_of, in_flight
from interlock.runway.services.calculators.witnessed import AccountDrift

OUTFLOW_DAYS = 30
_PENDING_MOST = 2_000
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
    accounts = matches.linked_accounts(db, scope)
    since = _first_lines(db, scope)
    floor = min(since.values(), default=now.date())
    moved = matching_service(db, scope).movements(accounts, floor)
    taken = matches.served_keys(db, scope)
    free = {key: each for key, each in moved.items() if key not in taken}
    pending = _pending(db, scope, accounts)
    shown = {key for group in match(pending, moved.values(), taken=taken).groups for key in group.movements}
    open_lines = _without_ledger(db, scope, accounts)
    drifts = tuple(
        _drift(each, free, open_lines, since)
        for each in banks
        if each.book is not None and each.current is not None and each.book.currency == each.currency
    )
    spendable = _spendable(db, scope, banks, accounts, free, shown, pending, since, home, floor)
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


def _spendable(
    db: Session,
    scope: Scope,
    banks: Sequence[BankBalance],
    accounts: dict[str, str],
    free: dict[Key, Movement],
    shown: set[Key],
    pending: Sequence[Line],
    since: dict[str, date],
    home: str,
    floor: date,
) -> Spendable | None:
    cash = [each for each in banks if each.deposit and each.currency == home]
    if not cash:
        return None
    told = [
        available_of(
            None if each.available is None else each.available.minor,
            None if each.current is None else each.current.minor,
            [line.minor for line in pending if line.bank_account_id == each.id],
        )
        for each in cash
    ]
    available = None if None in told else sum(minor for minor in told if minor is not None)
    ours = {accounts[each.id]: since.get(each.id, floor) for each in cash if each.id in accounts}
    outgoing = [each for key, each in free.items() if key not in shown and each.minor < 0 and each.currency == home]
    stays = _between_our_own(free, ours)
    recorded = [
        each
        for each in outgoing
        if each.book == LEDGER and each.dated >= ours.get(each.account_id or "", date.max) and each.key not in stays
    ]
    instructed = [each for each in outgoing if each.book == PAYING and each.account_id in (None, *ours)]
    return Spendable(available, in_flight(_recorded(db, scope, recorded), _instructed(db, scope, instructed)))


def _between_our_own(free: Mapping[Key, Movement], ours: Container[str | None]) -> set[Key]:
    """Transfers out of which the cash arrives on another of these accounts and isn't there yet: nothing of it leaves.

    What goes to a card or to a bank that isn't linked does, and so does what was seen to arrive and not to leave.
    """
    arriving = {each.id for each in free.values() if each.kind == "transfer_in" and each.account_id in ours}
    return {key for key, each in free.items() if each.kind == "transfer_out" and each.id in arriving}


def _recorded(db: Session, scope: Scope, movements: Sequence[Movement]) -> list[OnItsWay]:
    paying = [each.id for each in movements if each.kind == "bill_payment"]
    link: Any = PayableLink
    query = select(link.document_id, link.linked_id, link.amount_minor).where(
        link.business_id == scope.business_id,
        link.document_kind == "bill_payment",
        link.linked_kind == "bill",
        among(db, link.document_id, paying),
    )
    bills: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in db.execute(query) if paying else ():
        bills[row.document_id].append((row.linked_id, row.amount_minor or 0))
    return [
        _on_its_way(each, tuple(bills.get(each.id, ())) if each.kind == "bill_payment" else ()) for each in movements
    ]


def _instructed(db: Session, scope: Scope, movements: Sequence[Movement]) -> list[OnItsWay]:
    """Payments under way at the paying rail that the books have not: what they have is theirs to tell, cleared or not."""
    ids = [each.id for each in movements]
    if not ids:
        return []
    states = select(RailBill.id, RailBill.state).where(
        RailBill.business_id == scope.business_id, among(db, RailBill.id, ids)
    )
    going = {row.id for row in db.execute(states) if under_way(row.state)}
    links = select(BillLink.rail_id, BillLink.ledger_id).where(
        BillLink.business_id == scope.business_id, BillLink.state == LINKED, among(db, BillLink.rail_id, ids)
    )
    bills = {row.rail_id: row.ledger_id for row in db.execute(links)}
    recorded = _recorded_parts(db, scope, sorted(set(bills.values())))
    pays = {each.id: ((bills[each.id], -each.minor),) for each in movements if each.id in bills}
    return [
        _on_its_way(each, pays.get(each.id, ()))
        for each in movements
        if each.id in going and not recorded.intersection(pays.get(each.id, ()))
    ]


def _recorded_parts(db: Session, scope: Scope, bill_ids: list[str]) -> set[tuple[str, int]]:
    """What standing bill payments of the books pay on these bills, each with its amount."""
    if not bill_ids:
        return set()
    link: Any = PayableLink
    query = (
        select(link.linked_id, link.amount_minor)
        .join(BillPayment, (BillPayment.business_id == link.business_id) & (BillPayment.id == link.document_id))
        .where(
            link.business_id == scope.business_id,
            link.document_kind == "bill_payment",
            link.linked_kind == "bill",
            among(db, link.linked_id, bill_ids),
            BillPayment.buried_at.is_(None),
            BillPayment.voided.is_(False),
        )
    )
    return {(row.linked_id, row.amount_minor) for row in db.execute(query)}


def _on_its_way(each: Movement, pays: tuple[tuple[str, int], ...]) -> OnItsWay:
    return OnItsWay(each.book, each.kind, each.id, each.dated, -each.minor, each.party, each.number, pays)


def _first_lines(db: Session, scope: Scope) -> dict[str, date]:
    """The bank's first line that we hold, by bank account: what the books moved before it, nobody can look for."""
    query = select(BankLine.account_id, func.min(BankLine.dated)).where(
        BankLine.business_id == scope.business_id, BankLine.buried_at.is_(None)
    )
    return {row[0]: row[1] for row in db.execute(query.group_by(BankLine.account_id))}


def _pending(db: Session, scope: Scope, accounts: dict[str, str]) -> list[Line]:
    query = (
        matches.lines_of(db, scope, accounts, pending=True)
        .order_by(BankLine.dated.desc(), BankLine.id)
        .limit(_PENDING_MOST)
    )
    return [matches.line_of(row, accounts) for row in db.execute(query)]


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
