"""What moves cash of one business and isn't at its bank yet: payments on their way out, receipts on their way in."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import BillPayment, PayableLink
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.services.movements import payable_movements
from interlock.domains.ap.witness_models import BillLink, RailBill
from interlock.domains.bank import matches
from interlock.domains.bank.matching.matcher import match
from interlock.domains.bank.matching.values import COLLECTING, LEDGER, PAYING, Key, Line, Movement
from interlock.domains.bank.services.balance_service import BankBalance
from interlock.domains.bank.witness_models import BankLine
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED
from interlock.rails.paying_states import under_way
from interlock.runway.matching import matching_service
from interlock.runway.services.calculators.spendable import OnItsWay, in_flight

_PENDING_MOST = 2_000


class Moving(Struct, frozen=True):
    """Movements since the banks' first lines. ``accounts``: the ledger's account of each linked bank account; ``since``: the first

    line of each bank account; ``floor``: of any; ``free``: movements that no posted line shows; ``shown``: those of them that a
    pending line shows.
    """

    accounts: dict[str, str]
    since: dict[str, date]
    floor: date
    free: dict[Key, Movement]
    shown: frozenset[Key]
    pending: tuple[Line, ...]

    def ours(self, banks: Sequence[BankBalance]) -> dict[str, date]:
        """The ledger's accounts that these bank accounts are, each with the first day that its bank shows."""
        return {
            self.accounts[each.id]: self.since.get(each.id, self.floor) for each in banks if each.id in self.accounts
        }


def look(db: Session, scope: Scope, now: datetime) -> Moving:
    """From the mirror alone."""
    accounts = matches.linked_accounts(db, scope)
    since = _first_lines(db, scope)
    floor = min(since.values(), default=now.date())
    moved = matching_service(db, scope).movements(accounts, floor)
    taken = matches.served_keys(db, scope)
    pending = _pending(db, scope, accounts)
    shown = {key for group in match(pending, moved.values(), taken=taken).groups for key in group.movements}
    free = {key: each for key, each in moved.items() if key not in taken}
    return Moving(accounts, since, floor, free, frozenset(shown), tuple(pending))


def leaving(db: Session, scope: Scope, moving: Moving, banks: Sequence[BankBalance], home: str) -> tuple[OnItsWay, ...]:
    """Payments out of these bank accounts that no line shows, pending or posted, by day; those of before a bank's first line

    can't be looked for.
    """
    ours = moving.ours(banks)
    outgoing = [
        each
        for key, each in moving.free.items()
        if key not in moving.shown and each.minor < 0 and each.currency == home
    ]
    stays = _between_our_own(moving.free, ours)
    recorded = [
        each
        for each in outgoing
        if each.book == LEDGER and each.dated >= ours.get(each.account_id or "", date.max) and each.key not in stays
    ]
    instructed = [each for each in outgoing if each.book == PAYING and each.account_id in (None, *ours)]
    return in_flight(_recorded(db, scope, recorded), going_at_the_rail(db, scope, instructed))


def arriving(moving: Moving, banks: Sequence[BankBalance], home: str) -> list[Movement]:
    """The books' money into these bank accounts that no posted line shows. A bank that tells what is available has pending

    receipts in it (plaid.md), so those are here already.
    """
    ours = moving.ours(banks)
    telling = {moving.accounts[each.id] for each in banks if each.available is not None and each.id in moving.accounts}
    leaves = {each.id for each in moving.free.values() if each.kind == "transfer_out" and each.account_id in ours}
    return [
        each
        for key, each in moving.free.items()
        if each.book == LEDGER
        and each.minor > 0
        and each.currency == home
        and each.dated >= ours.get(each.account_id or "", date.max)
        and not (key in moving.shown and each.account_id in telling)
        and not (each.kind == "transfer_in" and each.id in leaves)
    ]


def payouts_free(moving: Moving, telling: bool) -> frozenset[str]:
    """Payouts that no posted line shows; ``telling``: pending ones are inside what the bank calls available."""
    return frozenset(
        each.id
        for key, each in moving.free.items()
        if each.book == COLLECTING and not (telling and key in moving.shown)
    )


def instructed(db: Session, scope: Scope, since: date, home: str) -> list[OnItsWay]:
    """Where no bank is linked: payments under way at the paying rail that the books don't have."""
    stated = payable_movements(db, scope, accounts=frozenset(), since=since)
    ours = [each for each in stated if each.book == PAYING and each.minor < 0 and each.currency == home]
    return going_at_the_rail(db, scope, ours)


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


def going_at_the_rail(db: Session, scope: Scope, movements: Sequence[Movement]) -> list[OnItsWay]:
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
    released = select(Disbursement.rail_id, Disbursement.bill_id).where(
        Disbursement.business_id == scope.business_id, among(db, Disbursement.rail_id, ids)
    )
    # What was released here is of the bill it was released for, linked there or not.
    bills = {rail_id: bill_id for asked in (links, released) for rail_id, bill_id in db.execute(asked) if rail_id}
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
