"""Bills as approvals bind to them, read from the mirror; and what became of a payment that was decided on.

Every reader of an intent asks here: one whose bill has changed is never shown as approved, also before the next settling has
voided it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.approval_content import BillContent, LineContent, changes, content_hash
from interlock.domains.ap.decision_models import Decision, IntentApproval, PaymentIntent
from interlock.domains.ap.models import Bill, BillPayment, PayableLine, PayableLink, Vendor
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import REOPENED
from interlock.domains.ap.services.decision_records import kept_contents
from interlock.domains.ap.witness_models import RailVendor, VendorLink
from interlock.domains.bank.models import Account
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.kernel.money import Money
from interlock.rails.identity import LINKED

LIVE = ("proposed", "half", "approved")
_ENTERED_BEFORE = timedelta(days=1)
"""A ledger's day may be the one before ours."""
COUNTED = ("half", "approved")
"""States that the cash path and the limits count: somebody has said yes."""


class Ending(Struct, frozen=True):
    """Why an intent no longer stands as it was decided: ``voided``, or ``recorded`` where the ledger shows it paid as approved."""

    state: str
    why: str


class StandingIntent(Struct, frozen=True):
    """A live intent as it is now. ``state`` is the row's, or what it will be as soon as the next settling has run."""

    intent: PaymentIntent
    state: str
    why: str | None


def standing_intents(
    db: Session, business: Business, now: datetime, bill_ids: Iterable[str] | None = None
) -> Sequence[StandingIntent]:
    """Live intents, by pay day, each held against its bill as it is now: a stale one says ``voided``, and why."""
    live = live_intents(db, business.business_id, bill_ids)
    endings = endings_of(db, business, live, now)
    found = []
    for intent in live:
        ending = endings.get(intent.intent_id)
        state, why = (ending.state, ending.why) if ending else (intent.state, None)
        found.append(StandingIntent(intent, state, why))
    return found


def live_intents(db: Session, business_id: str, bill_ids: Iterable[str] | None = None) -> list[PaymentIntent]:
    """Rows that are proposed, half or approved, by pay day; of some bills only when they are named."""
    query = select(PaymentIntent).where(PaymentIntent.business_id == business_id, PaymentIntent.state.in_(LIVE))
    if bill_ids is not None:
        query = query.where(among(db, PaymentIntent.bill_id, sorted(set(bill_ids))))
    return list(db.scalars(query.order_by(PaymentIntent.pay_on, PaymentIntent.intent_id)))


def contents_of(db: Session, business_id: str, bills: Sequence[Bill]) -> dict[str, BillContent]:
    """What approvals of these bills bind to, by bill id."""
    ids = [bill.id for bill in bills]
    lines: dict[str, list[LineContent]] = defaultdict(list)
    query = select(
        PayableLine.document_id,
        PayableLine.account_id,
        PayableLine.item_id,
        PayableLine.amount_minor,
        PayableLine.description,
    ).where(
        PayableLine.business_id == business_id,
        PayableLine.document_kind == "bill",
        among(db, PayableLine.document_id, ids),
    )
    for row in db.execute(query.order_by(PayableLine.document_id, PayableLine.position)):
        lines[row.document_id].append(LineContent(row.account_id or row.item_id, row.amount_minor, row.description))
    payees = payees_of(db, business_id, [bill.vendor_id for bill in bills if bill.vendor_id is not None])
    return {
        bill.id: BillContent(
            vendor_id=bill.vendor_id,
            currency=bill.currency,
            total_minor=bill.total_minor,
            due=bill.due,
            number=bill.number,
            lines=tuple(lines[bill.id]),
            payee=payees.get(bill.vendor_id or "", {}),
        )
        for bill in bills
    }


def payees_of(db: Session, business_id: str, vendor_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """What the ledger and the paying rail show of how each vendor is paid, each detail by name; no account numbers there."""
    wanted = sorted(set(vendor_ids))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    ledger = select(Vendor).where(Vendor.business_id == business_id, among(db, Vendor.id, wanted))
    for vendor in db.scalars(ledger):
        _note(found[vendor.id], "", vendor.email, vendor.address, vendor.account_number)
    rail = (
        select(VendorLink.ledger_id, VendorLink.rail, RailVendor)
        .join(RailVendor, (RailVendor.business_id == VendorLink.business_id) & (RailVendor.id == VendorLink.rail_id))
        .where(
            VendorLink.business_id == business_id,
            VendorLink.state == LINKED,
            among(db, VendorLink.ledger_id, wanted),
            RailVendor.buried_at.is_(None),
        )
    )
    for vendor_id, name, there in db.execute(rail.order_by(RailVendor.id)):
        if vendor_id is not None:
            where = f" at {name.capitalize()} ({there.id})"
            _note(found[vendor_id], where, there.email, there.address, there.accounts, "accounts")
    return found


def _note(
    details: dict[str, str],
    where: str,
    email: str | None,
    address: str | None,
    account: str | None,
    called: str = "account number",
) -> None:
    for name, value in (("e-mail", email), ("address", address), (called, account)):
        if value:
            details[f"{name}{where}"] = value


def endings_of(db: Session, business: Business, intents: Sequence[PaymentIntent], now: datetime) -> dict[str, Ending]:
    """Intents that don't stand any more, by id: their bill or its payee changed, or was paid, or an override ran out."""
    if not intents:
        return {}
    bills = _bills(db, business.business_id, intents)
    lapsed = _lapsed(db, business.business_id, intents, now)
    why = "The override ran out before the payment was released."
    endings = {intent_id: Ending("voided", why) for intent_id in sorted(lapsed)}
    changed = _changed(db, business.business_id, intents, bills)
    endings |= {intent_id: Ending("voided", why) for intent_id, why in changed.items()}
    left = [intent for intent in intents if intent.intent_id not in endings]
    return {**endings, **_paid(db, business, left, bills)}


def against_sending(db: Session, business_id: str, intent: PaymentIntent) -> str | None:
    """Why a released payment isn't sent any more: since its approval its bill or payee changed, or owes less than it would pay."""
    bills = _bills(db, business_id, [intent])
    said = _changed(db, business_id, [intent], bills).get(intent.intent_id)
    if said is not None:
        return said
    bill = bills[intent.bill_id]
    if intent.amount_minor > bill.balance_minor:
        return f"{Money(bill.balance_minor, bill.currency)} of the bill is open, less than this would pay."
    return None


def _changed(
    db: Session, business_id: str, intents: Sequence[PaymentIntent], bills: Mapping[str, Bill]
) -> dict[str, str]:
    """What became of bills that are no longer what was approved, in words, by intent."""
    contents = contents_of(db, business_id, list(bills.values()))
    hashes = {bill_id: content_hash(content) for bill_id, content in contents.items()}
    changed = {each.content_hash for each in intents if hashes.get(each.bill_id) != each.content_hash}
    before = kept_contents(db, business_id, changed)
    names = _names(db, business_id, [*before.values(), *contents.values()]) if before else {}
    found: dict[str, str] = {}
    for intent in intents:
        bill = bills.get(intent.bill_id)
        if bill is None or bill.buried_at is not None:
            found[intent.intent_id] = "The bill was deleted."
        elif bill.voided:
            found[intent.intent_id] = "The bill was voided."
        elif hashes[bill.id] != intent.content_hash:
            was = before.get(intent.content_hash)
            said = changes(was, contents[bill.id], names) if was else ()
            found[intent.intent_id] = _sentence("; ".join(said) or "the bill changed")
    return found


def _paid(
    db: Session, business: Business, intents: Sequence[PaymentIntent], bills: Mapping[str, Bill]
) -> dict[str, Ending]:
    """Intents that the ledger shows paid as approved, and those of bills that owe less than these would pay."""
    by_bill: dict[str, list[PaymentIntent]] = defaultdict(list)
    for intent in intents:
        by_bill[intent.bill_id].append(intent)
    payments = _payments(db, business.business_id, by_bill)
    _leave_to_released(db, business.business_id, payments)
    endings: dict[str, Ending] = {}
    for bill_id, live in by_bill.items():
        bill, paid = bills[bill_id], payments.get(bill_id, [])
        for intent in live:
            ours = next((each for each in paid if _is_ours(intent, each, business)), None)
            if ours is not None:
                paid.remove(ours)
                endings[intent.intent_id] = Ending("recorded", f"Paid as approved: {ours.words}.")
        rest = [each for each in live if each.intent_id not in endings]
        if sum(each.amount_minor for each in rest) > bill.balance_minor:
            by_whom = f" ({paid[-1].words})" if paid else ""
            left = Money(bill.balance_minor, bill.currency)
            why = f"Paid elsewhere{by_whom}: {left} of the bill is open, less than was to be paid."
            endings.update({each.intent_id: Ending("voided", why) for each in rest})
    return endings


class _Payment(Struct, frozen=True):
    id: str
    dated: date
    entered_at: datetime | None
    minor: int
    words: str


def _leave_to_released(db: Session, business_id: str, payments: Mapping[str, list[_Payment]]) -> None:
    """Take off what the ledger shows of released payments: it is theirs, and pays nothing that merely is of the same amount."""
    query = select(Disbursement).where(
        Disbursement.business_id == business_id, among(db, Disbursement.bill_id, sorted(payments))
    )
    rows = list(db.scalars(query.order_by(Disbursement.released_at, Disbursement.intent_id))) if payments else []
    claimed = {(each.bill_id, each.ledger_payment_id) for each in rows if each.ledger_payment_id is not None}
    for bill_id, paid in payments.items():
        paid[:] = [each for each in paid if (bill_id, each.id) not in claimed]
    for row in rows:
        if row.ledger_payment_id is not None or row.stage in REOPENED:
            continue
        paid = payments.get(row.bill_id, [])
        since = row.released_at.date() - _ENTERED_BEFORE
        its = next((each for each in paid if each.minor == row.amount_minor and each.dated >= since), None)
        if its is not None:
            paid.remove(its)


def _is_ours(intent: PaymentIntent, paid: _Payment, business: Business) -> bool:
    """A payment of exactly what was approved, or with the credits applied in it, dated and entered since the approval."""
    if intent.state != "approved" or intent.approved_at is None:
        return False
    credits = sum(minor for _, minor in credits_of(intent))
    if paid.dated < local_date(intent.approved_at, business.time_zone):
        return False
    if paid.entered_at is not None and paid.entered_at < intent.approved_at:
        return False
    return paid.minor in {intent.amount_minor, intent.amount_minor + credits}


def credits_of(intent: PaymentIntent) -> tuple[tuple[str, int], ...]:
    """Vendor credits applied first: id and minor units."""
    return msgspec.json.decode(intent.credits, type=tuple[tuple[str, int], ...])


def _payments(db: Session, business_id: str, bill_ids: Iterable[str]) -> dict[str, list[_Payment]]:
    found: dict[str, list[_Payment]] = defaultdict(list)
    query = (
        select(PayableLink.linked_id, PayableLink.amount_minor, BillPayment)
        .join(
            BillPayment,
            (BillPayment.business_id == PayableLink.business_id) & (BillPayment.id == PayableLink.document_id),
        )
        .where(
            PayableLink.business_id == business_id,
            PayableLink.document_kind == "bill_payment",
            PayableLink.linked_kind == "bill",
            among(db, PayableLink.linked_id, sorted(bill_ids)),
            BillPayment.buried_at.is_(None),
            BillPayment.voided.is_(False),
        )
    )
    for bill_id, minor, payment in db.execute(query.order_by(BillPayment.dated, BillPayment.id)):
        paid = payment.total_minor if minor is None else minor
        number = f" {payment.number}" if payment.number else ""
        words = f"{payment.method} payment{number} of {Money(paid, payment.currency)} on {_day(payment.dated)}"
        found[bill_id].append(_Payment(payment.id, payment.dated, payment.created_at, paid, words))
    return found


def _bills(db: Session, business_id: str, intents: Sequence[PaymentIntent]) -> dict[str, Bill]:
    ids = sorted({intent.bill_id for intent in intents})
    query = select(Bill).where(Bill.business_id == business_id, among(db, Bill.id, ids))
    return {bill.id: bill for bill in db.scalars(query.order_by(Bill.id))}


def _lapsed(db: Session, business_id: str, intents: Sequence[PaymentIntent], now: datetime) -> set[str]:
    """Intents with a standing approval that was given over the guardrail, for a time that is over."""
    query = (
        select(IntentApproval.intent_id)
        .join(
            Decision,
            (Decision.business_id == IntentApproval.business_id) & (Decision.decision_id == IntentApproval.decision_id),
        )
        .where(
            IntentApproval.business_id == business_id,
            IntentApproval.withdrawn_at.is_(None),
            among(db, IntentApproval.intent_id, sorted({each.intent_id for each in intents})),
            Decision.override_until <= now,
        )
    )
    return set(db.scalars(query))


def _names(db: Session, business_id: str, contents: Iterable[BillContent]) -> dict[str, str]:
    """Names of the vendors and accounts that contents speak of; accounts are few, vendors asked for by id."""
    contents = list(contents)
    vendors = sorted({each.vendor_id for each in contents if each.vendor_id is not None})
    accounts = sorted({line.account_id for each in contents for line in each.lines if line.account_id is not None})
    asked = (
        select(Account.id, Account.name).where(Account.business_id == business_id, among(db, Account.id, accounts)),
        select(Vendor.id, Vendor.name).where(Vendor.business_id == business_id, among(db, Vendor.id, vendors)),
    )
    # Ids of the two may be the same; in a sentence vendors matter more.
    return {id_: name for query in asked for id_, name in db.execute(query)}


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
