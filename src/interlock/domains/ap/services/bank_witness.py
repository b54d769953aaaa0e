"""The bank's word on released payments: the group that holds one, and a line that carries its trace with another amount."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.happenings import BankShowed, BankTookBack
from interlock.domains.ap.services.outside_movements import KIND as OWN
from interlock.domains.ap.services.payment_steps import Steps, course_of
from interlock.domains.ap.witness_models import RailBill
from interlock.domains.bank import matches
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.matches import LINE
from interlock.domains.bank.matching.values import Key, Line
from interlock.domains.bank.witness_models import BankLine
from interlock.domains.firm.models import Business
from interlock.domains.firm.naming import numbers_in, words_of_number
from interlock.infra.db.bulk import among
from interlock.kernel.money import Money
from interlock.kernel.scope import Scope
from interlock.rails.mirror import payload_hash

_RAIL, _LEDGER = "rail_bill", "bill_payment"
_TRACED_FOR = timedelta(days=30)
TRACED_MOST = 5_000
_TRACE_LEAST_CHARACTERS = 6


class _Shown(Struct, frozen=True):
    """The posted line of a payment, and its day. ``other_minor``: what it is of instead, where it isn't what was to go out;

    ``payload``: the SHA-256 of what the bank said of it, where a group holds it.
    """

    match_id: str | None
    line_id: str
    dated: date
    other_minor: int | None = None
    payload: str | None = None


def hear_bank(steps: Steps, business: Business, rows: Sequence[Disbursement]) -> None:
    """Whether a group holds each payment, by the rail's statement of it, the ledger's or our own.

    Of a rail's payment that no group holds, a line with its trace and another amount is told as well.
    """
    steps.db.flush()
    held = _held(steps.db, business.business_id, [key for row in rows for key in keys_of(row)])
    groups = {row.intent_id: [held[key] for key in keys_of(row) if key in held] for row in rows}
    traced = _by_trace(steps.db, business, [row for row in rows if row.rail_id and not groups[row.intent_id]])
    for row in rows:
        by_trace = [traced[row.intent_id]] if row.intent_id in traced else []
        _hear(steps, row, groups[row.intent_id] or by_trace)


def keys_of(row: Disbursement) -> tuple[Key, ...]:
    """The movements that are this payment, whoever states it."""
    stated = ((_RAIL, row.rail_id), (_LEDGER, row.ledger_payment_id), (OWN, row.intent_id))
    return tuple((kind, id_) for kind, id_ in stated if id_ is not None)


def returned_keys(db: Session, business_id: str) -> frozenset[Key]:
    """Movements of payments that came back, whoever states them."""
    query = select(Disbursement).where(Disbursement.business_id == business_id, Disbursement.stage == "returned")
    return frozenset(key for row in db.scalars(query) for key in keys_of(row))


def _hear(steps: Steps, row: Disbursement, lines: Sequence[_Shown]) -> None:
    course = course_of(row)
    found = next((each for each in lines if each.line_id == row.line_id), lines[0] if lines else None)
    if course.cleared and not course.returned and (found is None or found.line_id != row.line_id):
        said: dict[str, object] = {"match_id": row.match_id, "line_id": row.line_id}
        row.match_id, row.line_id, row.cleared_on = None, None, None
        steps.happened(row, BankTookBack(), said, why="The bank line it stood on is gone, or serves it no more.")
    if found is None or (course.cleared and course.returned):
        return
    row.match_id, row.line_id, row.cleared_on = found.match_id, found.line_id, found.dated
    said = {"line_id": found.line_id, "cleared_on": found.dated.isoformat()}
    why = None
    if found.other_minor is None:
        said |= {"match_id": found.match_id, "payload": found.payload}
    else:
        said["line_minor"] = found.other_minor
        why = f"The bank’s line with its trace is of {Money(found.other_minor, row.currency)}, not what was to go out."
    steps.happened(row, BankShowed(differs=found.other_minor is not None), said, why=why)


def _held(db: Session, business_id: str, keys: Iterable[Key]) -> dict[Key, _Shown]:
    ids: dict[str, list[str]] = {_RAIL: [], _LEDGER: [], OWN: []}
    for kind, id_ in keys:
        ids[kind].append(id_)
    part, line = BankMatchPart, aliased(BankMatchPart)
    found: dict[Key, _Shown] = {}
    for kind, wanted in ids.items():
        query = (
            select(part.ref_id, part.match_id, BankLine.id.label("line_id"), BankLine.dated, BankLine.digest)
            .join(line, (line.business_id == part.business_id) & (line.match_id == part.match_id) & (line.kind == LINE))
            .join(BankLine, (BankLine.business_id == line.business_id) & (BankLine.id == line.ref_id))
            .where(part.business_id == business_id, part.active, part.kind == kind, among(db, part.ref_id, wanted))
        )
        for row in db.execute(query) if wanted else ():
            found[kind, row.ref_id] = _Shown(row.match_id, row.line_id, row.dated, payload=payload_hash(row.digest))
    return found


def _by_trace(db: Session, business: Business, rows: Sequence[Disbursement]) -> dict[str, _Shown]:
    """By payment: a posted line that carries the rail's trace or batch and isn't what was to go out with it.

    What equals is the matcher's to judge.
    """
    bills = _traced(db, business.business_id, rows)
    if not bills:
        return {}
    since = min(bill.starts_on for bill in bills.values() if bill.starts_on is not None)
    lines = _lines_with_references(db, Scope(business.firm_id, business.business_id), since)
    batches = _batch_totals(db, business.business_id, {bill.batch_id for bill in bills.values() if bill.batch_id})
    found: dict[str, _Shown] = {}
    for row in rows:
        bill = bills.get(row.rail_id or "")
        line = _line_of(bill, lines) if bill is not None else None
        if bill is None or line is None or line.currency != row.currency:
            continue
        if -line.minor != batches.get(bill.batch_id or "", row.amount_minor):
            found[row.intent_id] = _Shown(None, line.id, line.dated, -line.minor)
    return found


def _traced(db: Session, business_id: str, rows: Sequence[Disbursement]) -> Mapping[str, RailBill]:
    query = select(RailBill).where(
        RailBill.business_id == business_id,
        RailBill.buried_at.is_(None),
        RailBill.starts_on.is_not(None),
        among(db, RailBill.id, [row.rail_id for row in rows if row.rail_id]),
    )
    return {bill.id: bill for bill in db.scalars(query) if bill.trace or bill.batch_id} if rows else {}


def _batch_totals(db: Session, business_id: str, batch_ids: set[str]) -> dict[str, int]:
    """What goes out with one debit."""
    query = select(RailBill).where(
        RailBill.business_id == business_id,
        RailBill.buried_at.is_(None),
        RailBill.archived_at.is_(None),
        among(db, RailBill.batch_id, sorted(batch_ids)),
    )
    found: dict[str, int] = {}
    for bill in db.scalars(query) if batch_ids else ():
        minor = bill.total_minor if bill.payment_minor is None else bill.payment_minor
        found[bill.batch_id or ""] = found.get(bill.batch_id or "", 0) + minor
    return found


def _lines_with_references(db: Session, scope: Scope, since: date) -> list[tuple[Line, frozenset[str]]]:
    """Open lines of money out, oldest first, with the numbers in their references."""
    accounts = matches.linked_accounts(db, scope)
    query: Any = matches.lines_of(db, scope, accounts).where(
        BankLine.dated >= since,
        BankLine.amount_minor < 0,
        BankLine.reference.is_not(None),
        BankLine.id.not_in(_taken(scope)),
    )
    rows = db.execute(query.order_by(BankLine.dated, BankLine.id).limit(TRACED_MOST)) if accounts else ()
    lines = [matches.line_of(row, accounts) for row in rows]
    return [(line, numbers_in(line.reference)) for line in lines]


def _taken(scope: Scope) -> Any:
    """Lines that a group holds."""
    return select(BankMatchPart.ref_id).where(
        BankMatchPart.business_id == scope.business_id, BankMatchPart.kind == LINE, BankMatchPart.active
    )


def _line_of(bill: RailBill, lines: Sequence[tuple[Line, frozenset[str]]]) -> Line | None:
    """The one line that carries the bill's trace or batch; ``None`` where several do."""
    wanted = {"".join(words_of_number(said)) for said in (bill.trace, bill.batch_id) if said}
    wanted = {each for each in wanted if len(each) >= _TRACE_LEAST_CHARACTERS}
    last = (bill.arrives_on or bill.starts_on or date.min) + _TRACED_FOR
    found = [line for line, said in lines if wanted & said and line.dated <= last]
    return found[0] if len(found) == 1 else None
