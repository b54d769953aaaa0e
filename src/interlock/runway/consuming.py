"""Earmarks meet the payments they were made for, after every sync: what the bank shows consumes what was set aside for it, and

what it shows no more, or shows coming back, gives it back.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from interlock.domains.ap.models import Bill, BillPayment
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.services.bank_witness import returned_keys
from interlock.domains.ap.witness_models import BillLink
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.matches import LINE
from interlock.domains.bank.matching.values import Key
from interlock.domains.bank.models import Purchase
from interlock.domains.bank.services.earmark_service import ClearedPayment, EarmarkService
from interlock.domains.bank.witness_models import BankLine
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.kernel.scope import Scope
from interlock.rails.identity import LINKED
from interlock.runway.services.calculators.recurring import signature_of
from interlock.runway.services.data_orchestrators.history_snapshot import read_movements

_PAYS = ("bill_payment", "purchase", "transfer_out", "journal_entry", "rail_bill", "disbursement")
_LONGEST_WAY = timedelta(days=187)
"""From a payment's date to its bank line's: a check's."""


def consume_earmarks(session: Session, business: Business, now: datetime) -> int:
    """Within the caller's transaction; how many earmarks changed. Two queries where nothing waits for a payment."""
    scope = Scope(business.firm_id, business.business_id)
    service = EarmarkService(session, scope, business.home_currency)
    given_back = return_earmarks(session, business, now)
    waiting = [each for each in service.earmarks() if each.vendor_id or each.recurring_id]
    if not waiting:
        return given_back
    since = min(local_date(each.made_at, business.time_zone) for each in waiting)
    cleared = _cleared(session, business, since)
    return given_back + service.consume(cleared, now=now, time_zone=business.time_zone)


def return_earmarks(session: Session, business: Business, now: datetime) -> int:
    """Within the caller's transaction: bring back what was consumed by payments that the bank shows no more, or shows coming back.

    How many earmarks changed.
    """
    service = EarmarkService(session, Scope(business.firm_id, business.business_id), business.home_currency)
    consumed = service.consumptions()
    if not consumed:
        return 0
    shown = _shown(session, business, {(each.kind, each.id) for each in consumed})
    gone = {each: minor for each, minor in consumed.items() if (each.kind, each.id, each.line_id) not in shown}
    return service.give_back(gone, now=now)


def _shown(session: Session, business: Business, keys: Set[Key]) -> set[tuple[str, str, str]]:
    """Kind, id and bank line of those of these payments that a line still shows and that didn't come back."""
    part, line = BankMatchPart, aliased(BankMatchPart)
    came_back = returned_keys(session, business.business_id)
    query = (
        select(part.kind, part.ref_id, line.ref_id)
        .join(line, (line.business_id == part.business_id) & (line.match_id == part.match_id) & (line.kind == LINE))
        .where(
            part.business_id == business.business_id,
            part.active,
            part.kind.in_(_PAYS),
            among(session, part.ref_id, sorted({id_ for _, id_ in keys})),
        )
    )
    return {(kind, id_, line_id) for kind, id_, line_id in session.execute(query) if (kind, id_) not in came_back}


def _cleared(session: Session, business: Business, since: date) -> list[ClearedPayment]:
    """Payments whose bank line is dated ``since`` or later."""
    line = aliased(BankMatchPart)
    part = BankMatchPart
    query = (
        select(part.kind, part.ref_id, part.amount_minor, BankLine.id.label("line_id"), BankLine.dated)
        .join(line, (line.business_id == part.business_id) & (line.match_id == part.match_id) & (line.kind == LINE))
        .join(BankLine, (BankLine.business_id == line.business_id) & (BankLine.id == line.ref_id))
        .where(
            part.business_id == business.business_id,
            part.active,
            part.kind.in_(_PAYS),
            part.amount_minor < 0,
            BankLine.currency == business.home_currency,
            BankLine.dated >= since,
        )
        .order_by(BankLine.dated, part.kind, part.ref_id)
    )
    came_back = returned_keys(session, business.business_id)
    rows = [row for row in session.execute(query).all() if (row.kind, row.ref_id) not in came_back]
    if not rows:
        return []
    vendors = _vendors(session, business, [(row.kind, row.ref_id) for row in rows])
    series = _signatures(session, business, since - _LONGEST_WAY)
    found: list[ClearedPayment] = []
    for row in rows:
        vendor = vendors.get((row.kind, row.ref_id))
        signature = series.get((row.kind, row.ref_id.partition(":")[0]))
        if signature is None and vendor is not None and row.kind != "purchase":
            signature = f"bill:party:{vendor}"
        found.append(ClearedPayment(row.kind, row.ref_id, row.line_id, -row.amount_minor, row.dated, vendor, signature))
    return found


def _vendors(session: Session, business: Business, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """Whom payments pay, as the books have it."""
    ids: dict[str, list[str]] = {}
    for kind, id_ in keys:
        ids.setdefault(kind, []).append(id_)
    whose = business.business_id
    paid = select(BillPayment.id, BillPayment.vendor_id).where(
        BillPayment.business_id == whose, among(session, BillPayment.id, ids.get("bill_payment", []))
    )
    spent = select(Purchase.id, Purchase.party_id).where(
        Purchase.business_id == whose,
        Purchase.party_kind == "vendor",
        among(session, Purchase.id, ids.get("purchase", [])),
    )
    instructed = (
        select(BillLink.rail_id, Bill.vendor_id)
        .join(Bill, (Bill.business_id == BillLink.business_id) & (Bill.id == BillLink.ledger_id))
        .where(
            BillLink.business_id == whose,
            BillLink.state == LINKED,
            among(session, BillLink.rail_id, ids.get("rail_bill", [])),
        )
    )
    released = select(Disbursement.intent_id, Disbursement.vendor_id).where(
        Disbursement.business_id == whose, among(session, Disbursement.intent_id, ids.get("disbursement", []))
    )
    queries = {"bill_payment": paid, "purchase": spent, "rail_bill": instructed, "disbursement": released}
    return {
        (kind, id_): vendor_id
        for kind, query in queries.items()
        for id_, vendor_id in session.execute(query).all()
        if vendor_id is not None
    }


def _signatures(session: Session, business: Business, since: date) -> Mapping[tuple[str, str], str]:
    """The series that money out of the books belongs to, by the matcher's kind and the document's id."""
    kinds = {"transfer": "transfer_out"}
    return {
        (kinds.get(each.kind, each.kind), each.id): signature_of(each)
        for each in read_movements(session, business, since, date.max)
        if not each.inflow
    }
