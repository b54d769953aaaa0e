"""python-quickbooks against the sandbox: every entity paged, filters, counts, writes, changes, batches, reports."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    ValidationException,
)
from quickbooks.objects import (
    Account,
    Bill,
    BillPayment,
    CreditMemo,
    Customer,
    Deposit,
    Employee,
    Estimate,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    PaymentMethod,
    Purchase,
    PurchaseOrder,
    RefundReceipt,
    SalesReceipt,
    Term,
    Transfer,
    Vendor,
    VendorCredit,
)  # fmt: skip
from quickbooks.objects.bill import AccountBasedExpenseLine
from quickbooks.objects.billpayment import BillPaymentLine, CheckPayment
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.detailline import AccountBasedExpenseLineDetail, SalesItemLine, SalesItemLineDetail
from quickbooks.objects.payment import PaymentLine
from quickbooks.objects.preferences import Preferences

Control = Callable[..., dict[str, Any]]
ENTITIES = [
    Account, Vendor, Customer, Employee, Term, PaymentMethod, Item, Bill, BillPayment, VendorCredit, PurchaseOrder,
    Invoice, Payment, CreditMemo, SalesReceipt, RefundReceipt, Estimate, Deposit, Purchase, Transfer, JournalEntry,
]  # fmt: skip
TRADED = {
    "Bill",
    "BillPayment",
    "Invoice",
    "Payment",
    "Deposit",
    "Purchase",
    "Transfer",
    "JournalEntry",
    "VendorCredit",
}
PAGE = 40


def fresh_name(what: str) -> str:
    return f"{what} {uuid.uuid4().hex[:12]}"


def new_vendor(quickbooks: QuickBooks) -> Vendor:
    vendor = Vendor()
    vendor.DisplayName = fresh_name("Witness Supply")
    return vendor.save(qb=quickbooks)


def new_customer(quickbooks: QuickBooks) -> Customer:
    customer = Customer()
    customer.DisplayName = fresh_name("Witness Buyer")
    return customer.save(qb=quickbooks)


def expense_account(quickbooks: QuickBooks) -> Account:
    return Account.where("AccountType = 'Expense'", order_by="Id", max_results=1, qb=quickbooks)[0]


def bank_account(quickbooks: QuickBooks) -> Account:
    return Account.where("AccountType = 'Bank'", order_by="Id", max_results=1, qb=quickbooks)[0]


def unsaved_bill(quickbooks: QuickBooks, vendor: Vendor, amount: str) -> Bill:
    line = AccountBasedExpenseLine()
    line.Amount = Decimal(amount)
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = expense_account(quickbooks).to_ref()
    bill = Bill()
    bill.VendorRef = vendor.to_ref()
    bill.TxnDate = "2026-09-29"
    bill.Line.append(line)
    return bill


def unsaved_invoice(customer: Customer, amount: str) -> Invoice:
    line = SalesItemLine()
    line.Amount = Decimal(amount)
    line.SalesItemLineDetail = SalesItemLineDetail()
    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.Line.append(line)
    return invoice


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.qbo_object_name)
def test_every_entity_in_pages(quickbooks: QuickBooks, entity: Any) -> None:
    name = entity.qbo_object_name
    total = entity.count(qb=quickbooks)
    if name in TRADED:
        assert total > 0, f"the world should hold rows of {name}"
    seen: list[str] = []
    while True:
        page = entity.where("", order_by="Id", start_position=len(seen) + 1, max_results=PAGE, qb=quickbooks)
        seen.extend(row.Id for row in page)
        if len(page) < PAGE:
            break
    assert len(seen) == len(set(seen)) == total
    assert seen == sorted(seen, key=int)
    if seen:
        assert entity.get(seen[-1], qb=quickbooks).Id == seen[-1]
    assert len(entity.all(max_results=1000, qb=quickbooks)) == min(total, 1000)


def test_company_and_preferences(quickbooks: QuickBooks, firm: dict[str, Any]) -> None:
    info = CompanyInfo.get(quickbooks.company_id, qb=quickbooks)
    assert info.CompanyName == firm["clients"][0]["name"]
    assert CompanyInfo.all(qb=quickbooks)[0].Id == "1"
    assert Preferences.get(qb=quickbooks).CurrencyPrefs.HomeCurrency.value == "USD"


def test_filters_orders_and_escapes(quickbooks: QuickBooks) -> None:
    vendor = Vendor()
    vendor.DisplayName = fresh_name("O'Marl & Sons")
    vendor.save(qb=quickbooks)
    assert [row.DisplayName for row in Vendor.filter(DisplayName=vendor.DisplayName, qb=quickbooks)] == [
        vendor.DisplayName
    ]
    opened = Bill.where("Balance > '0'", order_by="DueDate DESC", max_results=1000, qb=quickbooks)
    due = [bill.DueDate for bill in opened if bill.DueDate]
    assert due == sorted(due, reverse=True)
    assert Bill.count("Balance > '0'", qb=quickbooks) == len(opened)
    some = [bill.Id for bill in opened[:3]]
    assert {bill.Id for bill in Bill.choose(some, qb=quickbooks)} == set(some)


def test_a_bill_is_entered_paid_voided_and_deleted(quickbooks: QuickBooks) -> None:
    vendor = new_vendor(quickbooks)
    bill = unsaved_bill(quickbooks, vendor, "250.75").save(qb=quickbooks)
    assert (bill.Balance, bill.SyncToken) == (Decimal("250.75"), "0")
    line = BillPaymentLine()
    line.Amount = bill.TotalAmt
    line.LinkedTxn.append(bill.to_linked_txn())
    payment = BillPayment()
    payment.VendorRef = vendor.to_ref()
    payment.PayType = "Check"
    payment.CheckPayment = CheckPayment()
    payment.CheckPayment.BankAccountRef = bank_account(quickbooks).to_ref()
    payment.TotalAmt = bill.TotalAmt
    payment.Line.append(line)
    payment = payment.save(qb=quickbooks)
    paid = Bill.get(bill.Id, qb=quickbooks)
    assert (paid.Balance, paid.SyncToken, paid.LinkedTxn[0].TxnType) == (0, "1", "BillPaymentCheck")
    payment.void(qb=quickbooks)
    assert BillPayment.get(payment.Id, qb=quickbooks).PrivateNote == "Voided"
    opened = Bill.get(bill.Id, qb=quickbooks)
    assert opened.Balance == Decimal("250.75")
    opened.delete(qb=quickbooks)
    with pytest.raises(ObjectNotFoundException) as gone:
        Bill.get(bill.Id, qb=quickbooks)
    assert gone.value.error_code == 610


def test_an_invoice_is_edited_paid_and_voided(quickbooks: QuickBooks) -> None:
    customer = new_customer(quickbooks)
    invoice = unsaved_invoice(customer, "80").save(qb=quickbooks)
    stale = Invoice.get(invoice.Id, qb=quickbooks)
    invoice.PrivateNote = "call first"
    invoice = invoice.save(qb=quickbooks)
    assert invoice.SyncToken == "1"
    with pytest.raises(QuickbooksException) as refused:
        stale.save(qb=quickbooks)
    assert refused.value.error_code == 5010
    line = PaymentLine()
    line.Amount = Decimal("50")
    line.LinkedTxn.append(invoice.to_linked_txn())
    payment = Payment()
    payment.CustomerRef = customer.to_ref()
    payment.TotalAmt = Decimal("60")
    payment.Line.append(line)
    payment = payment.save(qb=quickbooks)
    assert payment.UnappliedAmt == 10
    part = Invoice.get(invoice.Id, qb=quickbooks)
    assert part.Balance == 30
    part.void(qb=quickbooks)
    assert Payment.get(payment.Id, qb=quickbooks).UnappliedAmt == 60
    assert Customer.get(customer.Id, qb=quickbooks).Balance == -60


def test_the_same_request_id_creates_once(quickbooks: QuickBooks) -> None:
    customer = new_customer(quickbooks)
    key = uuid.uuid4().hex
    first = unsaved_invoice(customer, "5").save(qb=quickbooks, request_id=key)
    second = unsaved_invoice(customer, "5").save(qb=quickbooks, request_id=key)
    assert first.Id == second.Id


def test_changes_since_with_deletions(quickbooks: QuickBooks, control: Control) -> None:
    now = datetime.fromisoformat(control("GET", "/clock")["now"])
    since = (now - timedelta(seconds=1)).astimezone(UTC).isoformat(timespec="seconds")
    vendor = new_vendor(quickbooks)
    kept = unsaved_bill(quickbooks, vendor, "10").save(qb=quickbooks)
    gone = unsaved_bill(quickbooks, vendor, "20").save(qb=quickbooks)
    gone.delete(qb=quickbooks)
    changes = change_data_capture([Bill, Vendor, Invoice], since, qb=quickbooks)
    rows = {row.Id: row for row in changes.Bill}
    assert rows[kept.Id].TotalAmt == 10
    assert getattr(rows[gone.Id], "status", None) == "Deleted"
    assert vendor.Id in [row.Id for row in changes.Vendor]


def test_batches(quickbooks: QuickBooks) -> None:
    vendor = new_vendor(quickbooks)
    made = batch_create([unsaved_bill(quickbooks, vendor, str(n)) for n in range(1, 36)], qb=quickbooks)
    assert (len(made.successes), len(made.faults)) == (35, 0)
    bills = made.successes[:3]
    for bill in bills:
        bill.PrivateNote = "in a batch"
    bills[2].SyncToken = "9"
    changed = batch_update(bills, qb=quickbooks)
    assert (len(changed.successes), len(changed.faults)) == (2, 1)
    assert changed.faults[0].Error[0].code == "5010"
    removed = batch_delete(made.successes[3:], qb=quickbooks)
    assert len(removed.successes) == 32


def test_reports_tie_to_the_rows(quickbooks: QuickBooks) -> None:
    for report, account_type, sign in (
        ("AgedPayables", "Accounts Payable", -1),
        ("AgedReceivables", "Accounts Receivable", 1),
    ):
        rows = quickbooks.get_report(report)["Rows"]["Row"]
        total = Decimal(rows[-1]["Summary"]["ColData"][-1]["value"])
        accounts = Account.where(f"AccountType = '{account_type}'", qb=quickbooks)
        assert total == sign * sum(account.CurrentBalance for account in accounts)
    sheet = quickbooks.get_report("BalanceSheet")["Rows"]["Row"]
    assets, other = (row["Summary"]["ColData"][1]["value"] for row in sheet)
    assert assets == other


def test_refusals_arrive_as_the_clients_own_errors(
    quickbooks: QuickBooks, control: Control, firm: dict[str, Any]
) -> None:
    with pytest.raises(ValidationException) as parse:
        Bill.where("TotalAmt ! 3", qb=quickbooks)
    assert parse.value.error_code == 4000
    with pytest.raises(ValidationException) as unknown:
        Bill.where("Colour = 'red'", qb=quickbooks)
    assert unknown.value.error_code == 4001
    twice = Vendor()
    twice.DisplayName = new_vendor(quickbooks).DisplayName
    with pytest.raises(QuickbooksException) as duplicate:
        twice.save(qb=quickbooks)
    assert duplicate.value.error_code == 6240
    control("POST", "/faults", json={"kind": "throttle", "count": 1})
    with pytest.raises(QuickbooksException, match="Error reading json response"):
        Bill.count(qb=quickbooks)
    control("POST", "/faults", json={"kind": "expire_tokens", "realm": firm["clients"][0]["realm_id"]})
    with pytest.raises(AuthorizationException):
        Bill.count(qb=quickbooks)
