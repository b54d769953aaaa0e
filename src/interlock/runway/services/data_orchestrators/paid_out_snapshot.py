"""What the collecting rail paid out or holds, as the checks need it: nothing where none is linked and no account is chosen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from interlock.domains.ar.collecting_models import ReceiptRecord
from interlock.domains.ar.models import CustomerPayment, Invoice, RefundReceipt, SalesReceipt
from interlock.domains.ar.services.collecting_setup import Collecting, CollectingSetupService
from interlock.domains.ar.services.payout_service import PayoutService, UnbundledPayout
from interlock.domains.ar.services.payout_standing import DepositLine, PayoutStandings, Standing
from interlock.domains.ar.services.receipt_records import AT_A_PERSON, UNKNOWN
from interlock.domains.ar.witness_models import Payout
from interlock.domains.bank.match_models import BankMatchPart
from interlock.domains.bank.matches import LINE, OPEN_INVOICE
from interlock.domains.bank.models import Account, Deposit, JournalEntry, LedgerLine, Purchase, Transfer
from interlock.domains.bank.witness_models import BankAccount, BankLine
from interlock.domains.firm.models import Business
from interlock.infra.db.bulk import among
from interlock.kernel.scope import Scope
from interlock.kernel.workdays import add_workdays
from interlock.runway.services.calculators.checks_on_payouts import CLEARING_WORKDAYS
from interlock.runway.services.calculators.paid_out import (
    BankPaid,
    ClearingEntry,
    EntryLine,
    PaidOut,
    PayoutEntry,
    WaitingRecord,
    deposit_words,
)

LOOK_BACK_DAYS = 90
_PAYOUTS_MOST = 500
_WAITING_MOST = 200
_AT_BANK_MOST = 500
_STILL_TOLD_DAYS = 10
"""So long after its day a payout may yet be taken apart by the rail."""


def read_paid_out(db: Session, business: Business, today: date) -> PaidOut:
    """In some fifteen queries where payouts are known, in four where none are."""
    setup = CollectingSetupService(db, business).setup()
    names = _names(db, business.business_id, (setup.clearing_account_id, setup.fee_account_id))
    return PaidOut(
        payouts=_payouts(db, business, setup, names, today),
        clearing=_clearing(db, business.business_id, setup, today),
        waiting=_waiting(db, business.business_id),
        at_bank=_at_bank(db, business.business_id),
    )


def _payouts(
    db: Session, business: Business, setup: Collecting, names: Mapping[str, str], today: date
) -> tuple[PayoutEntry, ...]:
    query = select(Payout).where(
        Payout.business_id == business.business_id,
        Payout.buried_at.is_(None),
        Payout.arrives_on >= max(today - timedelta(days=LOOK_BACK_DAYS), business.control_start),
    )
    rows = db.scalars(query.order_by(Payout.arrives_on.desc(), Payout.id).limit(_PAYOUTS_MOST)).all()
    apart = PayoutService(db, business.business_id).unbundle_all(rows)
    scope = Scope(business.firm_id, business.business_id)
    standings = PayoutStandings(db, scope, setup, today).of(rows, apart)
    return tuple(_payout(each, apart[each.id], standings[each.id], names, today) for each in rows)


def _payout(
    row: Payout, apart: UnbundledPayout, standing: Standing, names: Mapping[str, str], today: date
) -> PayoutEntry:
    loose = [each.rest.minor for each in apart.parts if each.charge_id and each.gross.minor > 0 and each.rest]
    return PayoutEntry(
        id=row.id,
        currency=row.currency,
        minor=row.amount_minor,
        stage=standing.stage,
        arrives_on=row.arrives_on,
        trace=row.trace,
        why_not=apart.why_not,
        final=today > row.arrives_on + timedelta(days=_STILL_TOLD_DAYS) or not row.automatic,
        loose=len(loose) if apart.attributed else 0,
        loose_minor=sum(abs(each) for each in loose) if apart.attributed else 0,
        deposit=tuple(_line(each, names) for each in standing.deposit),
        line_on=standing.line.dated if standing.line else None,
        account=standing.line.account if standing.line else None,
        in_ledger=standing.ledger is not None,
    )


def _line(line: DepositLine, names: Mapping[str, str]) -> EntryLine:
    return EntryLine(deposit_words(line.kind), names.get(line.account_id or ""), line.amount.minor)


def _names(db: Session, business_id: str, ids: Sequence[str | None]) -> Mapping[str, str]:
    wanted = sorted(each for each in ids if each is not None)
    if not wanted:
        return {}
    query = select(Account.id, Account.full_name).where(
        Account.business_id == business_id, among(db, Account.id, wanted)
    )
    return {row.id: row.full_name for row in db.execute(query)}


def _clearing(db: Session, business_id: str, setup: Collecting, today: date) -> tuple[ClearingEntry, ...]:
    """The account that a person chose. The part of its balance that moved in lately is still on its way."""
    if setup.clearing_account_id is None:
        return ()
    account = db.get(Account, (business_id, setup.clearing_account_id))
    if account is None or account.buried_at is not None or account.balance_minor == 0:
        return ()
    since = add_workdays(today, -CLEARING_WORKDAYS)
    sign = 1 if account.balance_minor > 0 else -1
    recent = sum(each for each in _moved(db, business_id, account.id, since) if each * sign > 0) * sign
    return (
        ClearingEntry(
            account.id,
            account.full_name,
            account.currency,
            account.balance_minor,
            min(recent, abs(account.balance_minor)),
        ),
    )


def _moved(db: Session, business_id: str, account_id: str, since: date) -> list[int]:
    """Amounts that the ledger moved on an account since a day; into it is above zero."""
    found: list[int] = []
    heads: tuple[
        tuple[type[CustomerPayment] | type[SalesReceipt] | type[RefundReceipt] | type[Deposit], str, int], ...
    ] = (
        (CustomerPayment, "deposit_account_id", 1),
        (SalesReceipt, "deposit_account_id", 1),
        (RefundReceipt, "account_id", -1),
        (Deposit, "account_id", 1),
    )
    for model, account, sign in heads:
        query = select(model.total_minor).where(
            model.business_id == business_id,
            model.buried_at.is_(None),
            model.voided.is_(False),
            model.dated >= since,
            getattr(model, account) == account_id,
        )
        found += [sign * minor for minor in db.scalars(query)]
    for account_column, sign in ((Transfer.to_account_id, 1), (Transfer.from_account_id, -1)):
        query = select(Transfer.total_minor).where(
            Transfer.business_id == business_id,
            Transfer.buried_at.is_(None),
            Transfer.voided.is_(False),
            Transfer.dated >= since,
            account_column == account_id,
        )
        found += [sign * minor for minor in db.scalars(query)]
    return found + _lines_moved(db, business_id, account_id, since)


def _lines_moved(db: Session, business_id: str, account_id: str, since: date) -> list[int]:
    """Lines of deposits (out of the account), of expenses (into it) and of journal entries."""
    found: list[int] = []
    kinds: tuple[tuple[str, type[Deposit] | type[Purchase] | type[JournalEntry]], ...] = (
        ("deposit", Deposit),
        ("purchase", Purchase),
        ("journal_entry", JournalEntry),
    )
    for kind, model in kinds:
        query = (
            select(LedgerLine.amount_minor, LedgerLine.posting)
            .join(model, (model.business_id == LedgerLine.business_id) & (model.id == LedgerLine.document_id))
            .where(
                LedgerLine.business_id == business_id,
                LedgerLine.document_kind == kind,
                LedgerLine.account_id == account_id,
                model.buried_at.is_(None),
                model.voided.is_(False),
                model.dated >= since,
            )
        )
        for minor, posting in db.execute(query):
            out = kind == "deposit" or posting == "Credit"
            found.append(-minor if out else minor)
    return found


def _waiting(db: Session, business_id: str) -> tuple[WaitingRecord, ...]:
    query = (
        select(ReceiptRecord, Invoice.number, Invoice.customer_name, Account.full_name)
        .outerjoin(
            Invoice, (Invoice.business_id == ReceiptRecord.business_id) & (Invoice.id == ReceiptRecord.invoice_id)
        )
        .outerjoin(
            Account, (Account.business_id == ReceiptRecord.business_id) & (Account.id == ReceiptRecord.account_id)
        )
        .where(ReceiptRecord.business_id == business_id, ReceiptRecord.state.in_(AT_A_PERSON))
    )
    rows = db.execute(query.order_by(ReceiptRecord.made_at, ReceiptRecord.record_id).limit(_WAITING_MOST))
    return tuple(
        WaitingRecord(
            row.record_id, row.invoice_id, number, customer, row.currency, row.amount_minor, row.dated, account,
            row.state == UNKNOWN, row.why,
        )
        for row, number, customer, account in rows
    )  # fmt: skip


def _at_bank(db: Session, business_id: str) -> tuple[BankPaid, ...]:
    """Lines that serve open invoices: once the books show the payment, the same line serves that instead."""
    part, line = BankMatchPart, aliased(BankMatchPart)
    query = (
        select(part.ref_id, BankLine, BankAccount.name, Invoice.number, Invoice.customer_name)
        .join(
            line,
            (line.business_id == part.business_id)
            & (line.match_id == part.match_id)
            & (line.kind == LINE)
            & line.active,
        )
        .join(BankLine, (BankLine.business_id == part.business_id) & (BankLine.id == line.ref_id))
        .join(Invoice, (Invoice.business_id == part.business_id) & (Invoice.id == part.ref_id))
        .outerjoin(BankAccount, (BankAccount.business_id == part.business_id) & (BankAccount.id == BankLine.account_id))
        .where(part.business_id == business_id, part.kind == OPEN_INVOICE, part.active)
        .order_by(BankLine.dated.desc(), BankLine.id, part.ref_id)
        .limit(_AT_BANK_MOST)
    )
    by_line: dict[str, list[tuple[str, BankLine, str | None, str | None, str | None]]] = defaultdict(list)
    for invoice_id, row, account, number, customer in db.execute(query):
        by_line[row.id].append((invoice_id, row, account, number, customer))
    return tuple(
        BankPaid(
            id_,
            several[0][1].name,
            several[0][1].dated,
            several[0][2] or "The bank",
            several[0][1].currency,
            several[0][1].amount_minor,
            tuple(each[0] for each in several),
            tuple(f"invoice {each[3]}" if each[3] else f"{each[4] or 'a customer'}’s invoice" for each in several),
        )
        for id_, several in by_line.items()
    )
