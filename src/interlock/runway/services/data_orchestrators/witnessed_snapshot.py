"""What stands beside the books of one business, as the checks need it, in some ten indexed queries."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.witness_models import BillLink, RailBill, RailVendor, VendorLink
from interlock.domains.bank.account_identity import of_login, stands
from interlock.domains.bank.match_models import BankMatch, BankMatchPart
from interlock.domains.bank.witness_models import AccountLink, BankAccount, BankLine
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.rails.connections import DISCONNECTED, Connection, SyncState
from interlock.rails.identity import LINKED, IdentityRow
from interlock.rails.items import REMOVED, LinkedItem
from interlock.rails.paying_states import may_still_go_out, paid
from interlock.runway.services.calculators.witnessed import (
    BankAccountEntry,
    Feed,
    LineEntry,
    RailBillEntry,
    RailVendorEntry,
    Witnessed,
)
from interlock.runway.services.data_orchestrators.cash_snapshot import account_drifts
from interlock.runway.services.data_orchestrators.clearing_snapshot import Clearing

LINES_DAYS = 120
_PAYS = "ramp"
_LINES_MOST = 20_000
_MATCHED = "matched"
_APPROVED = "approved"
_PAYMENT_SYNCED = "bill_and_payment_synced"


def read_witnessed(db: Session, business: Business, today: date, now: datetime) -> Witnessed:
    """Of rails that are linked; where that is the books alone, it costs two queries."""
    business_id = business.business_id
    linked = select(Connection.rail).where(Connection.business_id == business_id, Connection.state != DISCONNECTED)
    rails = frozenset(db.scalars(linked))
    synced = select(SyncState.rail, SyncState.last_sync).where(SyncState.business_id == business_id)
    common = Witnessed(
        now=now,
        linked=rails,
        synced={row.rail: row.last_sync for row in db.execute(synced)},
        control_start=business.control_start,
    )
    if rails <= {"qbo"}:
        return common
    accounts, lines = _accounts(db, business_id), _lines(db, business_id, today)
    scope = Scope(business.firm_id, business_id)
    clearing = Clearing(db, scope, today, {each.id: each.currency for each in accounts}) if accounts else None
    return Witnessed(
        now=now,
        linked=rails,
        synced=common.synced,
        control_start=business.control_start,
        feeds=_feeds(db, business_id),
        accounts=accounts,
        lines=lines,
        uncleared=clearing.uncleared() if clearing else (),
        opposed=clearing.opposed(lines) if clearing else {},
        drifts=account_drifts(db, scope, business.home_currency, now) if accounts else (),
        rail_vendors=_rail_vendors(db, business_id) if _PAYS in rails else (),
        rail_bills=_rail_bills(db, business_id) if _PAYS in rails else (),
    )


def _feeds(db: Session, business_id: str) -> tuple[Feed, ...]:
    query = select(
        LinkedItem.item_id, LinkedItem.institution, LinkedItem.trouble, LinkedItem.lines_at, LinkedItem.ends_at
    ).where(LinkedItem.business_id == business_id, LinkedItem.state != REMOVED)
    return tuple(Feed(*row) for row in db.execute(query.order_by(LinkedItem.item_id)))


def _accounts(db: Session, business_id: str) -> tuple[BankAccountEntry, ...]:
    links = _links(db, AccountLink, business_id)
    query = (
        select(
            BankAccount.id,
            BankAccount.item_id,
            BankAccount.institution,
            BankAccount.name,
            BankAccount.mask,
            BankAccount.kind,
            BankAccount.currency,
            BankAccount.current_minor,
            BankAccount.observed_at,
            BankAccount.live,
        )
        .join(
            LinkedItem,
            (LinkedItem.business_id == BankAccount.business_id) & (LinkedItem.item_id == BankAccount.item_id),
        )
        .where(BankAccount.business_id == business_id, BankAccount.buried_at.is_(None), LinkedItem.state != REMOVED)
    )
    return tuple(
        BankAccountEntry(*row[:8], ledger_ids=links.get(row[0], ()), observed_at=row.observed_at, live=row.live)
        for row in db.execute(query.order_by(BankAccount.id))
    )


def _lines(db: Session, business_id: str, today: date) -> tuple[LineEntry, ...]:
    """Lines of the last months on accounts that stand, latest first where there are more than can be looked at.

    A bank linked anew shows the lines again that the login before it showed.
    """
    parts = (
        select(BankMatchPart.ref_id)
        .join(
            BankMatch,
            (BankMatch.business_id == BankMatchPart.business_id) & (BankMatch.match_id == BankMatchPart.match_id),
        )
        .where(
            BankMatchPart.business_id == business_id,
            BankMatchPart.kind == "bank_line",
            BankMatchPart.active,
            BankMatch.state == _MATCHED,
        )
    )
    matched = set(db.scalars(parts))
    shown = (
        select(BankAccount.id).outerjoin(LinkedItem, of_login()).where(BankAccount.business_id == business_id, stands())
    )
    query = select(
        BankLine.id,
        BankLine.account_id,
        BankLine.dated,
        BankLine.amount_minor,
        BankLine.currency,
        BankLine.name,
        BankLine.pending,
        BankLine.pending_id,
    ).where(
        BankLine.business_id == business_id,
        BankLine.buried_at.is_(None),
        BankLine.dated >= today - timedelta(days=LINES_DAYS),
        BankLine.account_id.in_(shown),
    )
    rows = db.execute(query.order_by(BankLine.dated.desc(), BankLine.id).limit(_LINES_MOST))
    return tuple(LineEntry(*row, matched=row[0] in matched) for row in rows)


def _rail_vendors(db: Session, business_id: str) -> tuple[RailVendorEntry, ...]:
    links = _links(db, VendorLink, business_id)
    query = select(RailVendor.id, RailVendor.name, RailVendor.payable).where(
        RailVendor.business_id == business_id, RailVendor.buried_at.is_(None), RailVendor.active
    )
    return tuple(
        RailVendorEntry(id_, name, payable, links.get(id_, ()))
        for id_, name, payable in db.execute(query.order_by(RailVendor.id))
    )


def _rail_bills(db: Session, business_id: str) -> tuple[RailBillEntry, ...]:
    """Bills at the paying rail that are not archived and no drafts, beside those of the books."""
    vendor_links, ours = _links(db, VendorLink, business_id), _ours(db, business_id)
    query = select(RailBill).where(
        RailBill.business_id == business_id,
        RailBill.buried_at.is_(None),
        RailBill.archived_at.is_(None),
        RailBill.draft.is_(False),
    )
    there = db.scalars(query.order_by(RailBill.id)).all()
    links = {id_: ids[0] for id_, ids in _links(db, BillLink, business_id).items()}
    links |= {each.id: ours[each.remote_id] for each in there if each.remote_id in ours}
    here = _standing_bills(db, business_id, {links[each.id] for each in there if each.id in links})
    return tuple(_beside(each, links, vendor_links, here, each.remote_id in ours) for each in there)


def _ours(db: Session, business_id: str) -> Mapping[str | None, str]:
    """Bills that stand at the paying rail under a decision's key: whose bill of the books each is."""
    query = select(Disbursement.intent_id, Disbursement.bill_id).where(
        Disbursement.business_id == business_id, Disbursement.way != "outside"
    )
    return {row.intent_id: row.bill_id for row in db.execute(query)}


def _beside(
    there: RailBill,
    links: Mapping[str, str],
    vendor_links: Mapping[str, tuple[str, ...]],
    bills: Mapping[str, Bill],
    ours: bool,
) -> RailBillEntry:
    here = bills.get(links[there.id]) if there.id in links else None
    known = vendor_links.get(there.vendor_id or "", ())
    return RailBillEntry(
        id=there.id,
        number=there.number,
        vendor_name=there.vendor_name,
        currency=there.currency,
        total_minor=there.total_minor,
        paid=paid(there),
        paid_at=there.paid_at,
        payment_synced=there.synced == _PAYMENT_SYNCED,
        scheduled=may_still_go_out(there),
        made_by_program=not ours
        and there.remote_id is not None
        and there.remote_id != (here.id if here else there.ledger_id),
        approved=there.approval == _APPROVED,
        ledger_id=here.id if here else None,
        ledger_number=here.number if here else None,
        ledger_vendor=here.vendor_name if here else None,
        ledger_currency=here.currency if here else None,
        ledger_total_minor=here.total_minor if here else None,
        ledger_balance_minor=here.balance_minor if here else None,
        vendor_agrees=here is None or not known or here.vendor_id in known,
        ours=ours,
        made_at=there.created_at,
    )


def _standing_bills(db: Session, business_id: str, ids: set[str]) -> dict[str, Bill]:
    query = select(Bill).where(
        Bill.business_id == business_id,
        Bill.buried_at.is_(None),
        Bill.voided.is_(False),
        among(db, Bill.id, sorted(ids)),
    )
    return {bill.id: bill for bill in db.scalars(query)} if ids else {}


def _links(db: Session, model: type[IdentityRow], business_id: str) -> dict[str, tuple[str, ...]]:
    """What each of a rail's ids is in the books."""
    here: tuple[ColumnElement[bool], ...] = (model.business_id == business_id, model.state == LINKED)
    found: dict[str, list[str]] = defaultdict(list)
    for rail_id, ledger_id in db.execute(select(model.rail_id, model.ledger_id).where(*here).order_by(model.ledger_id)):
        found[rail_id].append(ledger_id)
    return {rail_id: tuple(ids) for rail_id, ids in found.items()}
