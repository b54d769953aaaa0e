"""What happened, as the plan learns from it: payments of invoices, days in Undeposited Funds, movements that may recur."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.domains.ap.models import Bill, PayableLine
from interlock.domains.ar.models import CustomerPayment, Invoice, ReceivableLink, SalesReceipt
from interlock.domains.bank.account_identity import BANK
from interlock.domains.bank.models import Account, Deposit, JournalEntry, LedgerLine, LedgerLink, Purchase, Transfer
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.runway.services.calculators.behaviour import WINDOW_DAYS, Paid
from interlock.runway.services.calculators.recurring import Detected, Movement, detect

HISTORY_DAYS = 400
_LAGS_DAYS = 183
_LAGS_MOST = 1_000
_PAID_MOST = 100_000


class Accounts:
    """The ledger's accounts, as movements name them; ``banks``: ids of bank accounts in home currency."""

    def __init__(self, db: Session, business: Business) -> None:
        query = select(
            Account.id, Account.name, Account.kind, Account.sub_kind, Account.currency, Account.balance_minor
        ).where(Account.business_id == business.business_id, Account.buried_at.is_(None))
        self.by_id = {row.id: row for row in db.execute(query)}
        self.funds = frozenset(row.id for row in self.by_id.values() if row.sub_kind == "UndepositedFunds")
        home = business.home_currency
        self.banks = frozenset(
            row.id
            for row in self.by_id.values()
            if row.kind == BANK and row.currency == home and row.id not in self.funds
        )
        self._named: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {}

    def named(self, ids: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Ids, names and kinds of accounts, in order. The same few accounts are asked for thousands of times."""
        asked = tuple(ids)
        if asked not in self._named:
            known = [self.by_id[each] for each in dict.fromkeys(asked) if each in self.by_id]
            self._named[asked] = (
                tuple(row.id for row in known),
                tuple(row.name for row in known),
                tuple(row.kind for row in known),
            )
        return self._named[asked]


def detected(db: Session, business: Business, today: date) -> tuple[Detected, ...]:
    """Every series that the books of the last thirteen months show."""
    since = today - timedelta(days=HISTORY_DAYS)
    return detect(read_movements(db, business, since, since), today, business.home_currency)


def read_movements(
    db: Session, business: Business, since: date, bills_since: date, accounts: Accounts | None = None
) -> tuple[Movement, ...]:
    """Money on bank accounts in home currency, dated ``since`` or later, and bills by their due date from ``bills_since`` on.

    Transfers between bank accounts are none, and what is bought by card is counted when the card is paid.
    """
    known = accounts or Accounts(db, business)
    parts = (_purchases, _transfers, _journals, _direct_deposits)
    found = [each for part in parts for each in part(db, business, known, since)]
    return (*found, *_takings(db, business, since), *_bills(db, business, known, bills_since))


def read_paid(db: Session, business: Business, today: date) -> tuple[Paid, ...]:
    """Payments of invoices of the last twelve months, each on the day that its money reached the bank as the books have it."""
    funds = _funds(db, business)
    link: Any = ReceivableLink
    payment = CustomerPayment
    query = (
        select(
            payment.id,
            payment.customer_id,
            payment.dated,
            payment.deposit_account_id,
            Invoice.due,
            Invoice.dated.label("issued"),
            link.amount_minor,
        )
        .join(payment, (payment.business_id == link.business_id) & (payment.id == link.document_id))
        .join(Invoice, (Invoice.business_id == link.business_id) & (Invoice.id == link.linked_id))
        .where(
            link.business_id == business.business_id,
            link.document_kind == "payment",
            link.linked_kind == "invoice",
            payment.buried_at.is_(None),
            payment.voided.is_(False),
            payment.currency == business.home_currency,
            payment.dated > today - timedelta(days=WINDOW_DAYS + 31),
        )
        .order_by(payment.dated.desc(), payment.id, link.position, link.linked_id)
        .limit(_PAID_MOST)
    )
    banked = _deposited_on(db, business, "payment", today - timedelta(days=WINDOW_DAYS + 31))
    found: list[Paid] = []
    for row in db.execute(query):
        on = banked.get(row.id) if row.deposit_account_id in funds else row.dated
        if on is not None and row.amount_minor:
            found.append(Paid(row.customer_id, row.due or row.issued, on, row.amount_minor))
    return tuple(found)


def read_lags(db: Session, business: Business, today: date) -> tuple[Paid, ...]:
    """Receipts that lay in Undeposited Funds lately: ``due`` the day of receipt, ``paid_on`` that of their deposit."""
    since = today - timedelta(days=_LAGS_DAYS)
    found: list[Paid] = []
    for kind, model in (("payment", CustomerPayment), ("sales_receipt", SalesReceipt)):
        query = (
            select(model.dated, Deposit.dated.label("banked"), model.total_minor)
            .join(LedgerLink, (LedgerLink.business_id == model.business_id) & (LedgerLink.linked_id == model.id))
            .join(Deposit, (Deposit.business_id == model.business_id) & (Deposit.id == LedgerLink.document_id))
            .where(
                model.business_id == business.business_id,
                model.dated > since,
                LedgerLink.document_kind == "deposit",
                LedgerLink.linked_kind == kind,
                Deposit.buried_at.is_(None),
            )
            .order_by(model.dated.desc(), model.id)
            .limit(_LAGS_MOST)
        )
        found += [Paid(None, row.dated, row.banked, row.total_minor) for row in db.execute(query)]
    return tuple(found)


def _funds(db: Session, business: Business) -> frozenset[str]:
    query = select(Account.id).where(
        Account.business_id == business.business_id, Account.sub_kind == "UndepositedFunds"
    )
    return frozenset(db.scalars(query))


def _deposited_on(db: Session, business: Business, kind: str, since: date) -> dict[str, date]:
    query = (
        select(LedgerLink.linked_id, Deposit.dated)
        .join(Deposit, (Deposit.business_id == LedgerLink.business_id) & (Deposit.id == LedgerLink.document_id))
        .where(
            LedgerLink.business_id == business.business_id,
            LedgerLink.document_kind == "deposit",
            LedgerLink.linked_kind == kind,
            Deposit.buried_at.is_(None),
            Deposit.dated > since,
        )
    )
    return {row.linked_id: row.dated for row in db.execute(query)}


def _lines_of(db: Session, business: Business, kind: str, model: Any, since: date) -> dict[str, list[str]]:
    query = (
        select(LedgerLine.document_id, LedgerLine.account_id)
        .join(model, (model.business_id == LedgerLine.business_id) & (model.id == LedgerLine.document_id))
        .where(
            LedgerLine.business_id == business.business_id,
            LedgerLine.document_kind == kind,
            LedgerLine.account_id.is_not(None),
            model.dated >= since,
        )
        .order_by(LedgerLine.document_id, LedgerLine.position)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for document_id, account_id in db.execute(query):
        found[document_id].append(account_id or "")
    return found


def _scope_of(model: Any, business: Business, since: date) -> tuple[Any, ...]:
    return (
        model.business_id == business.business_id,
        model.buried_at.is_(None),
        model.voided.is_(False),
        model.currency == business.home_currency,
        model.total_minor > 0,
        model.dated >= since,
    )


def _purchases(db: Session, business: Business, known: Accounts, since: date) -> Iterator[Movement]:
    lines = _lines_of(db, business, "purchase", Purchase, since)
    query = select(
        Purchase.id, Purchase.dated, Purchase.total_minor, Purchase.party_id, Purchase.party_name, Purchase.note
    ).where(
        *_scope_of(Purchase, business, since),
        Purchase.refund.is_(False),
        among(db, Purchase.account_id, sorted(known.banks)),
    )
    for row in db.execute(query):
        others = known.named(lines.get(row.id, ()))
        yield Movement(
            "purchase", row.id, row.dated, row.total_minor, False, row.party_id, row.party_name, *others, row.note
        )


def _transfers(db: Session, business: Business, known: Accounts, since: date) -> Iterator[Movement]:
    query = select(
        Transfer.id,
        Transfer.dated,
        Transfer.total_minor,
        Transfer.from_account_id,
        Transfer.to_account_id,
        Transfer.note,
    ).where(*_scope_of(Transfer, business, since))
    for row in db.execute(query):
        out, into = row.from_account_id in known.banks, row.to_account_id in known.banks
        if out != into:
            others = known.named([row.to_account_id if out else row.from_account_id])
            yield Movement("transfer", row.id, row.dated, row.total_minor, into, None, None, *others, row.note)


def _journals(db: Session, business: Business, known: Accounts, since: date) -> Iterator[Movement]:
    entry = JournalEntry
    query = (
        select(entry.id, entry.dated, entry.note, LedgerLine.account_id, LedgerLine.amount_minor, LedgerLine.posting)
        .join(entry, (entry.business_id == LedgerLine.business_id) & (entry.id == LedgerLine.document_id))
        .where(
            LedgerLine.business_id == business.business_id,
            LedgerLine.document_kind == "journal_entry",
            entry.buried_at.is_(None),
            entry.voided.is_(False),
            entry.currency == business.home_currency,
            entry.dated >= since,
        )
        .order_by(entry.id, LedgerLine.position)
    )
    moved: dict[str, int] = defaultdict(int)
    others: dict[str, list[str]] = defaultdict(list)
    said: dict[str, Any] = {}
    for row in db.execute(query):
        said[row.id] = row
        if row.account_id in known.banks:
            moved[row.id] += row.amount_minor if row.posting == "Debit" else -row.amount_minor
        elif row.account_id is not None:
            others[row.id].append(row.account_id)
    for id_, minor in moved.items():
        if minor:
            row, accounts = said[id_], known.named(others[id_])
            yield Movement("journal_entry", id_, row.dated, abs(minor), minor > 0, None, None, *accounts, row.note)


def _takings(db: Session, business: Business, since: date) -> Iterator[Movement]:
    query = select(
        SalesReceipt.id,
        SalesReceipt.dated,
        SalesReceipt.total_minor,
        SalesReceipt.customer_id,
        SalesReceipt.customer_name,
        SalesReceipt.note,
    ).where(*_scope_of(SalesReceipt, business, since))
    for row in db.execute(query):
        yield Movement(
            "sales_receipt",
            row.id,
            row.dated,
            row.total_minor,
            True,
            row.customer_id,
            row.customer_name,
            (),
            (),
            (),
            row.note,
        )


def _direct_deposits(db: Session, business: Business, known: Accounts, since: date) -> Iterator[Movement]:
    """Deposits that take no receipt of the books: those are counted as what they take."""
    taking = select(LedgerLink.document_id).where(
        LedgerLink.business_id == business.business_id, LedgerLink.document_kind == "deposit"
    )
    lines = _lines_of(db, business, "deposit", Deposit, since)
    query = select(Deposit.id, Deposit.dated, Deposit.total_minor, Deposit.note).where(
        *_scope_of(Deposit, business, since),
        among(db, Deposit.account_id, sorted(known.banks)),
        Deposit.id.not_in(taking),
    )
    for row in db.execute(query):
        others = known.named(lines.get(row.id, ()))
        yield Movement("deposit", row.id, row.dated, row.total_minor, True, None, None, *others, row.note)


def _bills(db: Session, business: Business, known: Accounts, since: date) -> Iterator[Movement]:
    query = select(Bill.id, Bill.dated, Bill.due, Bill.total_minor, Bill.vendor_id, Bill.vendor_name, Bill.note).where(
        *_scope_of(Bill, business, since)
    )
    rows = db.execute(query).all()
    coded = (
        select(PayableLine.document_id, PayableLine.account_id)
        .join(Bill, (Bill.business_id == PayableLine.business_id) & (Bill.id == PayableLine.document_id))
        .where(
            PayableLine.business_id == business.business_id,
            PayableLine.document_kind == "bill",
            PayableLine.account_id.is_not(None),
            Bill.dated >= since,
        )
    )
    accounts: dict[str, list[str]] = defaultdict(list)
    for bill_id, account_id in db.execute(coded):
        accounts[bill_id].append(account_id or "")
    for row in rows:
        others = known.named(accounts.get(row.id, ()))
        yield Movement(
            "bill",
            row.id,
            row.due or row.dated,
            row.total_minor,
            False,
            row.vendor_id,
            row.vendor_name,
            *others,
            row.note,
        )
