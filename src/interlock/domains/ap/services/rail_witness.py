"""The paying rail's word on released payments: the bill there that carries our key, as last read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import RailWord
from interlock.domains.ap.policy.happenings import RailSaid
from interlock.domains.ap.services.payment_steps import Steps
from interlock.domains.ap.services.rail_words import word_of
from interlock.domains.ap.witness_models import RailBill, VendorLink
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.kernel.money import Money
from interlock.rails.identity import LINKED
from interlock.rails.mirror import payload_hash

Difference = dict[str, str | int | None]
"""What stands there instead of what was approved, amounts in minor units; empty where nothing differs."""


class _Told(msgspec.Struct, frozen=True):
    """What of an instruction matters here: the rail's vendor."""

    vendor_id: str | None = None


def hear_rail(steps: Steps, business: Business, rows: Sequence[Disbursement]) -> None:
    """Each payment that was instructed there, by its key. What isn't in the mirror yet says nothing."""
    told = [row for row in rows if row.way != "outside"]
    if not told:
        return
    bills = bills_by_key(steps.db, business.business_id, [row.intent_id for row in told])
    vendors = _vendors(steps.db, business.business_id, [bill for mine in bills.values() for bill in mine])
    for row in told:
        mine = bills.get(row.intent_id)
        if mine:
            _hear(steps, business, row, mine, vendors)


def bills_by_key(db: Session, business_id: str, intent_ids: Sequence[str]) -> dict[str, list[RailBill]]:
    """Bills and drafts by the key they carry, the one that counts first: standing, archived, gone; a bill before its draft."""
    query = select(RailBill).where(RailBill.business_id == business_id, among(db, RailBill.remote_id, intent_ids))
    found: dict[str, list[RailBill]] = defaultdict(list)
    for bill in db.scalars(query.order_by(RailBill.id)):
        found[bill.remote_id or ""].append(bill)
    for mine in found.values():
        mine.sort(key=lambda bill: (bill.buried_at is not None, bill.archived_at is not None, bill.draft))
    return dict(found)


def _hear(
    steps: Steps, business: Business, row: Disbursement, bills: Sequence[RailBill], vendors: Mapping[str, str]
) -> None:
    bill = bills[0]
    word = _word(bill)
    row.rail_id, row.rail_url = bill.id, bill.url or row.rail_url
    row.executed_on = _executed_on(bill, word, business.time_zone) or row.executed_on
    difference = _difference(row, bills, vendors.get(bill.vendor_id or ""))
    said: dict[str, object] = {"rail_id": bill.id, "state": bill.state, "payment_state": bill.payment_state}
    said["payload"] = payload_hash(bill.digest)
    if bill.trace:
        said["trace"] = bill.trace
    if difference:
        said["difference"] = difference
    steps.happened(row, RailSaid(word, differs=bool(difference)), said, why=_why(row, bill, word, difference))


def _word(bill: RailBill) -> RailWord:
    """One that is gone without having been archived says nothing certain."""
    return "unknown" if bill.buried_at is not None else word_of(bill)


def _executed_on(bill: RailBill, word: RailWord, time_zone: str) -> date | None:
    if word != "paid":
        return None
    return local_date(bill.paid_at, time_zone) if bill.paid_at else bill.starts_on


def _difference(row: Disbursement, bills: Sequence[RailBill], vendor_id: str | None) -> Difference:
    """Amount, currency and vendor as they stand there, where any isn't as approved; or two standing bills with one key."""
    bill = bills[0]
    standing = [each for each in bills if each.buried_at is None and each.archived_at is None and not each.draft]
    if len(standing) > 1:
        return {"bills": " ".join(each.id for each in standing)}
    minor = bill.total_minor if bill.payment_minor is None else bill.payment_minor
    if (minor, bill.currency) == (row.amount_minor, row.currency) and not _other_vendor(row, bill, vendor_id):
        return {}
    return {"minor": minor, "currency": bill.currency, "vendor_id": vendor_id}


def _other_vendor(row: Disbursement, bill: RailBill, vendor_id: str | None) -> bool:
    """By the ledger's vendor; where the one there is linked to none, by the rail's own vendor that it was told."""
    if vendor_id is not None and row.vendor_id is not None:
        return vendor_id != row.vendor_id
    if bill.vendor_id is None or row.instruction is None:
        return False
    told = msgspec.json.decode(row.instruction, type=_Told).vendor_id
    return told is not None and bill.vendor_id != told


def _why(row: Disbursement, bill: RailBill, word: RailWord, difference: Difference) -> str | None:
    if "bills" in difference:
        return "Two bills at Ramp carry this payment's key."
    if difference:
        there = Money(int(difference["minor"] or 0), bill.currency)
        return f"Ramp has it as {there} to {bill.vendor_name}; approved were {Money(row.amount_minor, row.currency)}."
    if bill.buried_at is not None:
        return "Ramp doesn't have the bill any more."
    if bill.state == "approval_rejected":
        return "Rejected in Ramp."
    return {"failed": "The payment failed at Ramp.", "cancelled": "Archived in Ramp."}.get(word)


def _vendors(db: Session, business_id: str, bills: Sequence[RailBill]) -> dict[str, str]:
    """The ledger's vendor of each of the rail's, where that is linked."""
    ids = sorted({bill.vendor_id for bill in bills if bill.vendor_id})
    query = select(VendorLink.rail_id, VendorLink.ledger_id).where(
        VendorLink.business_id == business_id, VendorLink.state == LINKED, among(db, VendorLink.rail_id, ids)
    )
    return {row.rail_id: row.ledger_id for row in db.execute(query)}
