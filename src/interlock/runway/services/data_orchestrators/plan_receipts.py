"""The receivables side of the plan: open invoices, receipts not deposited, payouts and what they bring."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill
from interlock.domains.ar.chasing_models import ChasePromise
from interlock.domains.ar.models import CustomerPayment, Invoice, ReceivableLink, SalesReceipt
from interlock.domains.ar.witness_models import Charge, InvoiceLink, InvoiceReceipt, Payout, PayoutPart, RailInvoice
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.matches import OPEN_INVOICE
from interlock.domains.bank.models import Deposit, LedgerLink
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.clock import local_date
from interlock.kernel.workdays import add_workdays
from interlock.rails.identity import LINKED
from interlock.runway.services.calculators.counted_once import SAME_DEPOSIT_DAYS, Brought, Deposited, Key
from interlock.runway.services.calculators.flows import Flow, LeftOut, Source
from interlock.runway.services.calculators.placing import OpenInvoice, PayoutDue, Placed, Waiting, Written
from interlock.runway.services.calculators.words import on_day
from interlock.runway.services.data_orchestrators.collected_snapshot import disputed_here, disputed_there
from interlock.runway.services.data_orchestrators.receivables_snapshot import (
    open_customer_credits,
    undeposited_receipts,
)
from interlock.runway.services.data_orchestrators.receivables_snapshot import open_invoices as invoice_entries

BY_HAND = "held by the collecting rail until somebody pays it out"
NOT_SEEN = "payouts that their rail calls paid and no bank shows"
WAITING_WORKDAYS = 2
"""From the day that money is free at the collecting rail to the day its payout arrives; each payout then says its own."""
_GONE = ("failed", "canceled", "cancelled")
_GOING = ("pending", "in_transit")
_COUNTS_THERE = ("open", "paid")


class Payouts(Struct, frozen=True):
    """``under_way``: payouts whose money is not here; ``brought``: what their charges bring; ``waiting``: what no payout took yet,

    net, by the day it is free; ``lost``: payouts that should have been seen.
    """

    under_way: tuple[PayoutDue, ...] = ()
    brought: tuple[Brought, ...] = ()
    waiting: Mapping[date, int] = {}
    by_hand_minor: int = 0
    lost: tuple[PayoutDue, ...] = ()


def open_invoices(db: Session, business: Business) -> tuple[OpenInvoice, ...]:
    """With what customers said of them: a dispute of a part takes the whole out, since nobody knows which part comes."""
    disputed = {each.invoice_id for each in (*disputed_there(db, business), *disputed_here(db, business))}
    promised, kept = _promises(db, business)
    return tuple(
        OpenInvoice(
            each.id,
            each.number,
            each.customer_id,
            each.customer_name,
            each.dated,
            each.due,
            each.currency,
            each.balance_minor,
            each.id in disputed,
            promised.get(each.id),
            kept.get(each.customer_id, (0, 0)),
        )
        for each in invoice_entries(db, business.business_id)
        if each.balance_minor > 0
    )


def _promises(db: Session, business: Business) -> tuple[dict[str, tuple[date, int]], dict[str | None, tuple[int, int]]]:
    """By invoice the last promise that stands, and by customer how many were kept of those whose end is known."""
    query = select(
        ChasePromise.invoice_id,
        ChasePromise.customer_id,
        ChasePromise.promised_for,
        ChasePromise.amount_minor,
        ChasePromise.outcome,
    ).where(ChasePromise.business_id == business.business_id)
    standing: dict[str, tuple[date, int]] = {}
    ended: dict[str | None, tuple[int, int]] = {}
    for row in db.execute(query.order_by(ChasePromise.said_at, ChasePromise.promise_id)):
        if row.outcome == "open":
            standing[row.invoice_id] = (row.promised_for, row.amount_minor)
        elif row.outcome in ("kept", "broken"):
            kept, of = ended.get(row.customer_id, (0, 0))
            ended[row.customer_id] = (kept + (row.outcome == "kept"), of + 1)
    return standing, ended


def open_at_the_rail(db: Session, business: Business) -> dict[str, int]:
    """By the ledger's invoice: what the collecting rail has open of the same one, where it counts there."""
    query = (
        select(InvoiceLink.ledger_id, RailInvoice.open_minor)
        .join(
            RailInvoice,
            (RailInvoice.business_id == InvoiceLink.business_id) & (RailInvoice.id == InvoiceLink.rail_id),
        )
        .where(
            InvoiceLink.business_id == business.business_id,
            InvoiceLink.state == LINKED,
            RailInvoice.buried_at.is_(None),
            RailInvoice.state.in_(_COUNTS_THERE),
            RailInvoice.paid_out_of_band.is_(False),
            RailInvoice.currency == business.home_currency,
            RailInvoice.paid_minor > 0,
        )
    )
    return {row.ledger_id: row.open_minor for row in db.execute(query)}


def paid_at_the_bank(db: Session, business: Business) -> dict[str, int]:
    """By invoice nothing: a posted bank line is matched to it whole, so its cash is in the bank's balance already."""
    query = select(BankMatchPart.ref_id).where(
        BankMatchPart.business_id == business.business_id, BankMatchPart.kind == OPEN_INVOICE, BankMatchPart.active
    )
    return dict.fromkeys(db.scalars(query), 0)


def credits_by_customer(db: Session, business: Business) -> dict[str, int]:
    """Payments and credit memos in home currency that are applied to nothing yet."""
    found: dict[str, int] = defaultdict(int)
    for each in open_customer_credits(db, business.business_id):
        if each.party_id is not None and each.currency == business.home_currency:
            found[each.party_id] += each.open_minor
    return found


def undeposited(db: Session, business: Business) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(each.kind, each.id, each.number, each.customer_name, each.dated, each.currency, each.total_minor)
        for each in undeposited_receipts(db, business.business_id)
    )


def read_payouts(db: Session, business: Business, today: date, unseen: Collection[str] | None) -> Payouts:
    """``unseen``: payouts that no bank line shows; ``None`` where no bank is linked: those that haven't arrived count then."""
    home = business.home_currency
    parts = _parts(db, business, today)
    query = select(Payout).where(
        Payout.business_id == business.business_id, Payout.buried_at.is_(None), Payout.state.not_in(_GONE)
    )
    every = [each for each in db.scalars(query.order_by(Payout.arrives_on, Payout.id)) if each.currency == home]
    recent = today - timedelta(days=SAME_DEPOSIT_DAYS)
    free = [each for each in every if unseen is None or each.id in unseen]
    going = [each for each in free if each.state in _GOING or each.arrives_on >= recent]
    lost = [each for each in free if each not in going and unseen is not None]
    ids = {each.id for each in going}
    # Until a payout's parts were read they stand among those that wait; of one made by hand that is all anybody can know.
    parts_unknown = sum(each.amount_minor for each in every if not each.attributed)
    waiting = _waiting(parts, business)
    automatic = bool(every) and every[-1].automatic
    if automatic:
        waiting = _less(waiting, parts_unknown)
    mine = [each for each in parts if each.payout_id in ids or (each.payout_id is None and automatic)]
    return Payouts(
        tuple(PayoutDue(each.id, each.arrives_on, each.currency, each.amount_minor) for each in going),
        _brought(db, business, mine),
        waiting if automatic else {},
        0 if automatic else max(sum(waiting.values()) - parts_unknown, 0),
        tuple(PayoutDue(each.id, each.arrives_on, each.currency, each.amount_minor) for each in lost),
    )


def waiting_at_the_rail(said: Payouts, today: date, home: str) -> Placed:
    """What waits at the collecting rail for its next automatic payout, by the day it is free; and what is left out there."""
    flows = []
    for free, minor in sorted(said.waiting.items()):
        if not minor:
            continue
        day = add_workdays(max(free, today), WAITING_WORKDAYS)
        flows.append(
            Flow(
                f"payout:waiting:{free}",
                "payout",
                "sure",
                minor,
                day,
                day,
                None,
                f"Next payout of what is free on {on_day(free, today)}",
                "payout_waiting",
                f"free at its rail on {on_day(free, today)}; {WAITING_WORKDAYS} workdays to the bank",
                Source("stripe", "payout_part", free.isoformat()),
            )
        )
    out = [LeftOut(BY_HAND, home, 1, said.by_hand_minor)] if said.by_hand_minor else []
    if said.lost:
        out.append(LeftOut(NOT_SEEN, home, len(said.lost), sum(each.minor for each in said.lost)))
    return Placed(tuple(flows), tuple(out))


def banked(
    db: Session, business: Business, banks: Collection[str], payouts: Iterable[PayoutDue]
) -> tuple[Deposited, ...]:
    """What the books have on bank accounts near the days of these payouts."""
    days = [each.arrives_on for each in payouts]
    if not days:
        return ()
    first, last = min(days) - timedelta(days=30), max(days) + timedelta(days=SAME_DEPOSIT_DAYS)
    found: list[Deposited] = []
    sources: tuple[tuple[str, Any, Any], ...] = (
        ("deposit", Deposit, Deposit.account_id),
        ("payment", CustomerPayment, CustomerPayment.deposit_account_id),
        ("sales_receipt", SalesReceipt, SalesReceipt.deposit_account_id),
    )
    for kind, model, account in sources:
        query = select(model.id, model.dated, model.total_minor).where(
            model.business_id == business.business_id,
            model.buried_at.is_(None),
            model.voided.is_(False),
            model.dated.between(first, last),
            among(db, account, sorted(banks)),
        )
        found += [Deposited((kind, row.id), row.dated, row.total_minor) for row in db.execute(query)]
    inside = takes(db, business, [each.key[1] for each in found if each.key[0] == "deposit"])
    return tuple(
        replace(each, takes=inside.get(each.key[1], ())) if each.key[0] == "deposit" else each for each in found
    )


def takes(db: Session, business: Business, deposit_ids: Sequence[str]) -> dict[str, tuple[tuple[Key, int], ...]]:
    """The receipts that deposits take out of Undeposited Funds, each with its total."""
    if not deposit_ids:
        return {}
    found: dict[str, list[tuple[Key, int]]] = defaultdict(list)
    models: tuple[tuple[str, Any], ...] = (("payment", CustomerPayment), ("sales_receipt", SalesReceipt))
    for kind, model in models:
        query = (
            select(LedgerLink.document_id, model.id, model.total_minor)
            .join(model, (model.business_id == LedgerLink.business_id) & (model.id == LedgerLink.linked_id))
            .where(
                LedgerLink.business_id == business.business_id,
                LedgerLink.document_kind == "deposit",
                LedgerLink.linked_kind == kind,
                among(db, LedgerLink.document_id, list(deposit_ids)),
            )
        )
        for row in db.execute(query):
            found[row.document_id].append(((kind, row.id), row.total_minor))
    return {id_: tuple(several) for id_, several in found.items()}


def with_amount(waiting: Waiting, minor: int) -> Waiting:
    """The same, of another amount."""
    return replace(waiting, minor=minor)


def written_invoices(db: Session, business: Business, since: date) -> tuple[Written, ...]:
    query = select(Invoice.dated, Invoice.due, Invoice.total_minor).where(*_recent(Invoice, business, since))
    return tuple(Written(*row) for row in db.execute(query))


def written_bills(db: Session, business: Business, since: date) -> tuple[tuple[str | None, Written], ...]:
    """Each with its vendor's id."""
    query = select(Bill.vendor_id, Bill.dated, Bill.due, Bill.total_minor).where(*_recent(Bill, business, since))
    return tuple((row[0], Written(*row[1:])) for row in db.execute(query))


def _recent(model: Any, business: Business, since: date) -> tuple[Any, ...]:
    return (
        model.business_id == business.business_id,
        model.buried_at.is_(None),
        model.voided.is_(False),
        model.currency == business.home_currency,
        model.total_minor > 0,
        model.dated >= since,
    )


def _parts(db: Session, business: Business, today: date) -> Sequence[PayoutPart]:
    """Parts that no payout took, and those of payouts of the last weeks."""
    recent = select(Payout.id).where(
        Payout.business_id == business.business_id,
        or_(Payout.state.in_(_GOING), Payout.arrives_on >= today - timedelta(days=2 * SAME_DEPOSIT_DAYS)),
    )
    query = select(PayoutPart).where(
        PayoutPart.business_id == business.business_id,
        PayoutPart.buried_at.is_(None),
        PayoutPart.currency == business.home_currency,
        or_(PayoutPart.payout_id.is_(None), PayoutPart.payout_id.in_(recent)),
    )
    return db.scalars(query.order_by(PayoutPart.id)).all()


def _waiting(parts: Iterable[PayoutPart], business: Business) -> dict[date, int]:
    found: dict[date, int] = defaultdict(int)
    for each in parts:
        at = each.available_at or each.created_at
        if each.payout_id is None and at is not None:
            found[local_date(at, business.time_zone)] += each.net_minor
    return dict(found)


def _less(waiting: Mapping[date, int], taken: int) -> dict[date, int]:
    """What is left when ``taken`` went out: of what was free first."""
    left: dict[date, int] = {}
    for day, minor in sorted(waiting.items()):
        off = min(taken, max(minor, 0))
        taken -= off
        left[day] = minor - off
    return left


def _brought(db: Session, business: Business, parts: Sequence[PayoutPart]) -> tuple[Brought, ...]:
    charges = {each.charge_id: each for each in parts if each.charge_id and each.gross_minor > 0}
    if not charges:
        return ()
    receipts = _receipts_of(db, business, sorted(charges))
    return tuple(
        Brought(
            part.payout_id or "",
            part.gross_minor,
            local_date(part.created_at, business.time_zone) if part.created_at else None,
            receipts.get(charge_id, ()),
        )
        for charge_id, part in sorted(charges.items())
    )


def _receipts_of(db: Session, business: Business, charge_ids: Sequence[str]) -> dict[str, tuple[Key, ...]]:
    """By charge: payments in the books of the invoices that it paid at the rail."""
    id_ = business.business_id
    charged = select(Charge.id, Charge.payment_id).where(Charge.business_id == id_, among(db, Charge.id, charge_ids))
    by_payment = {row.payment_id: row.id for row in db.execute(charged) if row.payment_id}
    told = select(InvoiceReceipt.payment_id, InvoiceReceipt.charge_id, InvoiceReceipt.invoice_id).where(
        InvoiceReceipt.business_id == id_,
        InvoiceReceipt.buried_at.is_(None),
        InvoiceReceipt.state == "paid",
        or_(among(db, InvoiceReceipt.payment_id, sorted(by_payment)), among(db, InvoiceReceipt.charge_id, charge_ids)),
    )
    of_invoice: dict[str, str] = {}
    for row in db.execute(told):
        charge = row.charge_id if row.charge_id in charge_ids else by_payment.get(row.payment_id)
        if charge is not None:
            of_invoice[row.invoice_id] = charge
    links = select(InvoiceLink.rail_id, InvoiceLink.ledger_id).where(
        InvoiceLink.business_id == id_, InvoiceLink.state == LINKED, among(db, InvoiceLink.rail_id, sorted(of_invoice))
    )
    by_ledger = {row.ledger_id: of_invoice[row.rail_id] for row in db.execute(links)}
    paying = select(ReceivableLink.document_id, ReceivableLink.linked_id).where(
        ReceivableLink.business_id == id_,
        ReceivableLink.document_kind == "payment",
        ReceivableLink.linked_kind == "invoice",
        among(db, ReceivableLink.linked_id, sorted(by_ledger)),
    )
    found: dict[str, list[Key]] = defaultdict(list)
    for payment_id, invoice_id in db.execute(paying):
        found[by_ledger[invoice_id]].append(("payment", payment_id))
    return {charge: tuple(keys) for charge, keys in found.items()}
