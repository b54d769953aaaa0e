"""Facts as QuickBooks would state them, ordinary in everything a test does not name. Money in cents, at home in dollars."""

import json
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from interlock.rails import facts

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # noon in New York

CHECKING, FUNDS, PAYABLE, RECEIVABLE, SUPPLIES, ASK = "1", "2", "3", "4", "5", "6"

F = TypeVar("F", bound=facts.Fact)


def _fact(of: type[F], id_: str, **said: Any) -> F:
    """The fact, with a payload that differs whenever anything said differs."""
    raw = json.dumps([of.entity, id_, said], default=str).encode()
    head: dict[str, Any] = {"id": id_, "version": "0", "created_at": NOW, "updated_at": NOW, "raw": raw}
    return of(**head, **said)


def _document(number: str | None, dated: date, cents: int, currency: str = "USD", **more: Any) -> dict[str, Any]:
    said = {"number": number, "dated": dated, "currency": currency, "total_minor": cents}
    rate = None if currency == "USD" else "1.25"
    return {**said, "exchange_rate": rate, "voided": False, "note": None, **more}


def account(id_: str, name: str, kind: str, *, cents: int = 0, sub_kind: str | None = None) -> facts.Account:
    return _fact(
        facts.Account,
        id_,
        name=name,
        full_name=name,
        kind=kind,
        sub_kind=sub_kind,
        classification=None,
        active=True,
        parent_id=None,
        number=None,
        currency="USD",
        balance_minor=cents,
    )


def chart(*, cash: int = 0, payable: int = 0, receivable: int = 0) -> list[facts.Fact]:
    """Six accounts. QuickBooks shows what is owed as a negative balance of payables."""
    return [
        account(CHECKING, "Checking", "Bank", cents=cash, sub_kind="Checking"),
        account(FUNDS, "Undeposited Funds", "Other Current Asset", sub_kind="UndepositedFunds"),
        account(PAYABLE, "Accounts Payable (A/P)", "Accounts Payable", cents=-payable),
        account(RECEIVABLE, "Accounts Receivable (A/R)", "Accounts Receivable", cents=receivable),
        account(SUPPLIES, "Supplies", "Expense"),
        account(ASK, "Ask My Accountant", "Expense"),
    ]


def preferences(*, closed_through: date | None = None) -> facts.Preferences:
    return _fact(
        facts.Preferences,
        "1",
        company_name="Alder & Wren",
        home_currency="USD",
        multicurrency=True,
        closed_through=closed_through,
        time_zone="America/New_York",
    )


def vendor(id_: str, name: str, *, active: bool = True, term_id: str | None = None) -> facts.Vendor:
    return _fact(
        facts.Vendor,
        id_,
        name=name,
        active=active,
        email=None,
        term_id=term_id,
        account_number=None,
        reportable=False,
        currency="USD",
        balance_minor=0,
    )


def customer(id_: str, name: str, *, email: str | None = "pay@example.com", cents: int = 0) -> facts.Customer:
    return _fact(
        facts.Customer,
        id_,
        name=name,
        full_name=name,
        parent_id=None,
        job=False,
        active=True,
        email=email,
        term_id=None,
        currency="USD",
        balance_minor=cents,
        balance_with_jobs_minor=cents,
    )


def bill(
    id_: str,
    cents: int,
    *,
    number: str | None = "",
    vendor_id: str | None = "v1",
    vendor_name: str | None = "Copperfield Freight",
    dated: date = date(2026, 11, 3),
    due: date | None = date(2026, 12, 3),
    open_cents: int | None = None,
    currency: str = "USD",
    account_id: str = SUPPLIES,
    voided: bool = False,
) -> facts.Bill:
    """Open in full unless said otherwise, with a number of its own unless one (or none) is given."""
    number = f"N-{id_}" if number == "" else number
    return _fact(
        facts.Bill,
        id_,
        **_document(number, dated, cents, currency, voided=voided),
        vendor_id=vendor_id,
        vendor_name=vendor_name,
        due=due,
        balance_minor=cents if open_cents is None else open_cents,
        tax_minor=0,
        term_id=None,
        control_account_id=PAYABLE,
        lines=(facts.Line(0, "1", "AccountBasedExpenseLineDetail", cents, "Carriage", account_id),),
    )


def bill_payment(
    id_: str, cents: int, *pays: str, dated: date = date(2026, 11, 20), number: str | None = None
) -> facts.BillPayment:
    """A check that pays the bills named, the same part of it each."""
    lines = tuple(facts.Line(at, None, "LinkedTxn", cents // len(pays)) for at in range(len(pays)))
    links = tuple(facts.Link(at, "bill", bill_id, cents // len(pays)) for at, bill_id in enumerate(pays))
    return _fact(
        facts.BillPayment,
        id_,
        **_document(number or f"CHK-{id_}", dated, cents),
        vendor_id="v1",
        vendor_name="Copperfield Freight",
        method="check",
        account_id=CHECKING,
        control_account_id=PAYABLE,
        lines=lines,
        links=links,
    )


def vendor_credit(id_: str, cents: int, *, vendor_id: str = "v1", open_cents: int | None = None) -> facts.VendorCredit:
    return _fact(
        facts.VendorCredit,
        id_,
        **_document(f"CR-{id_}", date(2026, 11, 5), cents),
        vendor_id=vendor_id,
        vendor_name="Copperfield Freight",
        balance_minor=cents if open_cents is None else open_cents,
        control_account_id=PAYABLE,
    )


def purchase(id_: str, cents: int, *, dated: date, vendor_id: str = "v1", pays: str | None = None) -> facts.Purchase:
    """A check to a vendor without a bill; ``pays`` links it to one after all."""
    links = () if pays is None else (facts.Link(-1, "bill", pays),)
    return _fact(
        facts.Purchase,
        id_,
        **_document(f"CHK-{id_}", dated, cents),
        account_id=CHECKING,
        method="check",
        party_id=vendor_id,
        party_kind="vendor",
        party_name="Copperfield Freight",
        refund=False,
        lines=(facts.Line(0, "1", "AccountBasedExpenseLineDetail", cents, None, SUPPLIES),),
        links=links,
    )


def invoice(
    id_: str,
    cents: int,
    *,
    customer_id: str | None = "c1",
    customer_name: str | None = "Mossgate Schools",
    dated: date = date(2026, 10, 1),
    due: date | None = date(2026, 10, 31),
    open_cents: int | None = None,
    currency: str = "USD",
    email: str | None = "office@example.com",
    status: str | None = "EmailSent",
) -> facts.Invoice:
    """Sent, overdue and open in full unless said otherwise."""
    return _fact(
        facts.Invoice,
        id_,
        **_document(f"{id_}", dated, cents, currency),
        customer_id=customer_id,
        customer_name=customer_name,
        due=due,
        balance_minor=cents if open_cents is None else open_cents,
        tax_minor=0,
        term_id=None,
        email=email,
        email_status=status,
        lines=(facts.Line(0, "1", "SalesItemLineDetail", cents, "Lessons", None, "10"),),
    )


def payment(
    id_: str,
    cents: int,
    *,
    unapplied: int = 0,
    dated: date = date(2026, 11, 2),
    customer_id: str = "c1",
    into: str = CHECKING,
) -> facts.Payment:
    return _fact(
        facts.Payment,
        id_,
        **_document(f"P-{id_}", dated, cents),
        customer_id=customer_id,
        customer_name="Mossgate Schools",
        unapplied_minor=unapplied,
        deposit_account_id=into,
    )


def credit_memo(id_: str, cents: int, *, customer_id: str = "c1") -> facts.CreditMemo:
    return _fact(
        facts.CreditMemo,
        id_,
        **_document(f"CM-{id_}", date(2026, 11, 2), cents),
        customer_id=customer_id,
        customer_name="Mossgate Schools",
        balance_minor=cents,
    )


def deposit(id_: str, cents: int, *takes: str) -> facts.Deposit:
    """A deposit that takes the payments named out of Undeposited Funds."""
    return _fact(
        facts.Deposit,
        id_,
        **_document(None, date(2026, 11, 6), cents),
        account_id=CHECKING,
        cash_back_minor=0,
        links=tuple(facts.Link(at, "payment", taken) for at, taken in enumerate(takes)),
    )


def journal(id_: str, cents: int, *, account_id: str, posting: str, party_id: str | None = None) -> facts.JournalEntry:
    """An entry straight to a control account; ``posting`` is that line's side."""
    other = "Debit" if posting == "Credit" else "Credit"
    return _fact(
        facts.JournalEntry,
        id_,
        **_document(f"AJ-{id_}", date(2026, 11, 4), cents),
        adjustment=False,
        lines=(
            facts.Line(0, "1", "JournalEntryLineDetail", cents, None, account_id, None, party_id, None, posting),
            facts.Line(1, "2", "JournalEntryLineDetail", cents, None, SUPPLIES, None, None, None, other),
        ),
    )
