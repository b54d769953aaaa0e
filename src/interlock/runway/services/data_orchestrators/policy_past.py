"""One client's past as the books have it: what a policy's dry run judges payments from."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, BillPayment, PayableLine, PayableLink
from interlock.domains.ar.models import CustomerPayment, Invoice, ReceivableLink, RefundReceipt, SalesReceipt
from interlock.domains.bank.account_identity import BANK
from interlock.domains.bank.matching.values import LEDGER, Key, Movement
from interlock.domains.bank.models import Account, Deposit, JournalEntry, Purchase, Transfer
from interlock.domains.bank.movements import standing
from interlock.domains.bank.services.recurring_service import RecurringService
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.money import in_home
from interlock.kernel.scope import Scope
from interlock.runway.matching import matching_service
from interlock.runway.services.calculators.behaviour import WINDOW_DAYS, Paid
from interlock.runway.services.calculators.past_payments import (
    ESSENTIAL_DAYS,
    Past,
    PastBill,
    PastInvoice,
    PastPayment,
)
from interlock.runway.services.calculators.placing import OpenBill, OpenInvoice, Recurs

_UNDEPOSITED = "UndepositedFunds"
_HISTORY_DAYS = WINDOW_DAYS
_DOCUMENTS: dict[str, Any] = {
    "bill_payment": BillPayment,
    "payment": CustomerPayment,
    "sales_receipt": SalesReceipt,
    "refund_receipt": RefundReceipt,
    "deposit": Deposit,
    "purchase": Purchase,
    "transfer_in": Transfer,
    "transfer_out": Transfer,
    "journal_entry": JournalEntry,
}
"""By kind of movement: whose document states it."""


class ReadPast(Struct, frozen=True):
    """``past`` for the calculators; ``by_card`` and ``foreign``: payments left out, since no bank account paid them or they are

    of another currency.
    """

    past: Past
    by_card: int
    foreign: int


def read_past(db: Session, business: Business, since: date, today: date) -> ReadPast:
    """Everything from the mirror, a year before ``since`` where habits need it."""
    scope = Scope(business.firm_id, business.business_id)
    home = business.home_currency
    cash = {each.id: each.balance_minor for each in _cash_accounts(db, scope, home)}
    found = _payments(db, scope, since - timedelta(days=ESSENTIAL_DAYS))
    accounts = _accounts_paid_for(db, scope, since)
    paid_for = _applied(db, scope, BillPayment, PayableLink, "bill_payment", "bill", since)
    payments = tuple(
        PastPayment(
            each.id,
            each.number,
            each.dated,
            each.vendor_id,
            each.vendor_name,
            each.total_minor,
            *_names_and_kinds(accounts.get(bill_id) for bill_id in paid_for.documents.get(each.id, ())),
        )
        for each in found
        if each.currency == home and each.account_id in cash
    )
    judged = [each for each in found if each.dated >= since]
    received = _applied(db, scope, CustomerPayment, ReceivableLink, "payment", "invoice", since)
    invoices = _documents(db, scope, Invoice, since)
    past = Past(
        today,
        home,
        sum(cash.values()),
        _moved(db, scope, home, frozenset(cash), since),
        payments,
        tuple(_past_invoice(each, received.on.get(each.id, ())) for each in invoices),
        tuple(
            _past_bill(each, paid_for.on.get(each.id, ()), accounts.get(each.id))
            for each in _documents(db, scope, Bill, since)
        ),
        _habits(invoices, received, home),
        tuple(_recurs(each) for each in RecurringService(db, scope).confirmed()),
    )
    return ReadPast(
        past,
        sum(1 for each in judged if each.currency == home and each.account_id not in cash),
        sum(1 for each in judged if each.currency != home),
    )


class _Applied(Struct, frozen=True):
    """What payments settled. ``on``: by document, the days and minor units; ``documents``: by payment, what it paid."""

    on: dict[str, list[tuple[date, int]]]
    documents: dict[str, list[str]]


def _cash_accounts(db: Session, scope: Scope, home: str) -> Sequence[Account]:
    query = select(Account).where(
        Account.business_id == scope.business_id,
        Account.buried_at.is_(None),
        Account.kind == BANK,
        Account.currency == home,
    )
    return [each for each in db.scalars(query.order_by(Account.id)) if each.sub_kind != _UNDEPOSITED]


def _moved(db: Session, scope: Scope, home: str, accounts: frozenset[str], since: date) -> dict[date, int]:
    """What the books say moved on these accounts, by day, money in above zero; foreign documents at their own rate."""
    stated = matching_service(db, scope).movements({account: account for account in accounts}, since).values()
    own = [each for each in stated if each.book == LEDGER and each.account_id in accounts]
    rates = _rates(db, scope, [each for each in own if each.currency != home])
    moved: dict[date, int] = defaultdict(int)
    for each in own:
        moved[each.dated] += in_home(each.minor, each.currency, rates.get(each.key), home)
    return dict(moved)


def _rates(db: Session, scope: Scope, foreign: Sequence[Movement]) -> dict[Key, str | None]:
    """The exchange rate of each movement's own document."""
    by_kind: dict[str, dict[str, list[Key]]] = defaultdict(lambda: defaultdict(list))
    for each in foreign:
        by_kind[each.kind][each.id.partition(":")[0]].append(each.key)  # a journal's movement also names its account
    found: dict[Key, str | None] = {}
    for kind, keys in by_kind.items():
        model = _DOCUMENTS[kind]
        query = select(model.id, model.exchange_rate).where(
            model.business_id == scope.business_id, among(db, model.id, sorted(keys))
        )
        found.update({key: row.exchange_rate for row in db.execute(query) for key in keys[row.id]})
    return found


def _payments(db: Session, scope: Scope, since: date) -> Sequence[BillPayment]:
    query = select(BillPayment).where(*standing(BillPayment, scope, since), BillPayment.total_minor > 0)
    return db.scalars(query.order_by(BillPayment.dated, BillPayment.id)).all()


def _documents(db: Session, scope: Scope, model: Any, since: date) -> Sequence[Any]:
    """Bills or invoices that were open at any time from ``since`` on, as far as a year of documents tells."""
    return db.scalars(
        select(model).where(*standing(model, scope, since - timedelta(days=_HISTORY_DAYS))).order_by(model.id)
    ).all()


def _applied(db: Session, scope: Scope, payment: Any, link: Any, kind: str, settles: str, since: date) -> _Applied:
    query = (
        select(payment.id, payment.dated, link.linked_id, link.amount_minor)
        .join(
            link,
            (link.business_id == payment.business_id) & (link.document_kind == kind) & (link.document_id == payment.id),
        )
        .where(*standing(payment, scope, since - timedelta(days=_HISTORY_DAYS)), link.linked_kind == settles)
        .order_by(payment.id, link.position)
    )
    on: dict[str, list[tuple[date, int]]] = defaultdict(list)
    documents: dict[str, list[str]] = defaultdict(list)
    for row in db.execute(query):
        documents[row.id].append(row.linked_id)
        if row.amount_minor:
            on[row.linked_id].append((row.dated, row.amount_minor))
    return _Applied(dict(on), dict(documents))


def _accounts_paid_for(db: Session, scope: Scope, since: date) -> dict[str, tuple[tuple[str, str], ...]]:
    """By bill: names and kinds of the accounts of its lines."""
    recent = select(Bill.id).where(*standing(Bill, scope, since - timedelta(days=_HISTORY_DAYS)))
    query = (
        select(PayableLine.document_id, Account.full_name, Account.kind)
        .join(Account, (Account.business_id == PayableLine.business_id) & (Account.id == PayableLine.account_id))
        .where(
            PayableLine.business_id == scope.business_id,
            PayableLine.document_kind == "bill",
            among(db, PayableLine.document_id, list(db.scalars(recent))),
        )
        .order_by(PayableLine.document_id, PayableLine.position)
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in db.execute(query):
        found[row.document_id].append((row.full_name, row.kind))
    return {bill_id: tuple(accounts) for bill_id, accounts in found.items()}


def _names_and_kinds(
    each_bills: Iterable[tuple[tuple[str, str], ...] | None],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pairs = [pair for accounts in each_bills for pair in accounts or ()]
    return tuple(name for name, _ in pairs), tuple(kind for _, kind in pairs)


def _past_invoice(each: Invoice, paid: Sequence[tuple[date, int]]) -> PastInvoice:
    open_ = OpenInvoice(
        each.id,
        each.number,
        each.customer_id,
        each.customer_name,
        each.dated,
        each.due,
        each.currency,
        _payable(each.balance_minor, paid),
    )
    return PastInvoice(open_, tuple(paid))


def _past_bill(each: Bill, paid: Sequence[tuple[date, int]], accounts: tuple[tuple[str, str], ...] | None) -> PastBill:
    names, kinds = _names_and_kinds([accounts])
    open_ = OpenBill(
        each.id,
        each.number,
        each.vendor_id,
        each.vendor_name,
        each.dated,
        each.due,
        each.currency,
        _payable(each.balance_minor, paid),
        names,
        kinds,
    )
    return PastBill(open_, tuple(paid))


def _payable(balance_minor: int, paid: Sequence[tuple[date, int]]) -> int:
    """What is open now and what money has settled; what credits settled was never cash."""
    return balance_minor + sum(minor for _, minor in paid)


def _habits(invoices: Sequence[Invoice], received: _Applied, home: str) -> tuple[Paid, ...]:
    return tuple(
        Paid(each.customer_id, each.due or each.dated, on, minor)
        for each in invoices
        if each.currency == home
        for on, minor in received.on.get(each.id, ())
    )


def _recurs(each: Any) -> Recurs:
    return Recurs(
        each.recurring_id,
        each.signature,
        each.name,
        each.category,
        each.inflow,
        each.cadence,
        tuple(json.loads(each.days)),
        each.anchor,
        each.amount_minor,
        each.currency,
    )
