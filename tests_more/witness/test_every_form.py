"""Forms the world writes seldom or never, written by python-quickbooks and read back."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from quickbooks import QuickBooks
from quickbooks.objects import (
    Account,
    Bill,
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
from quickbooks.objects.base import Ref
from quickbooks.objects.bill import AccountBasedExpenseLine
from quickbooks.objects.deposit import DepositLine
from quickbooks.objects.detailline import AccountBasedExpenseLineDetail, SalesItemLine, SalesItemLineDetail
from quickbooks.objects.journalentry import JournalEntryLine, JournalEntryLineDetail


def fresh(what: str) -> str:
    return f"{what} {uuid.uuid4().hex[:12]}"


def account(quickbooks: QuickBooks, kind: str, name: str) -> Account:
    made = Account()
    made.Name = fresh(name)
    made.AccountType = kind
    return made.save(qb=quickbooks)


@pytest.fixture
def bank(quickbooks: QuickBooks) -> Account:
    return account(quickbooks, "Bank", "Witness Bank")


@pytest.fixture
def cost(quickbooks: QuickBooks) -> Account:
    return account(quickbooks, "Expense", "Witness Cost")


@pytest.fixture
def customer(quickbooks: QuickBooks) -> Customer:
    made = Customer()
    made.DisplayName = fresh("Witness Buyer")
    return made.save(qb=quickbooks)


@pytest.fixture
def vendor(quickbooks: QuickBooks) -> Vendor:
    made = Vendor()
    made.DisplayName = fresh("Witness Seller")
    return made.save(qb=quickbooks)


def sale_line(amount: str, item: Item | None = None) -> SalesItemLine:
    line = SalesItemLine()
    line.Amount = Decimal(amount)
    line.SalesItemLineDetail = SalesItemLineDetail()
    if item is not None:
        line.SalesItemLineDetail.ItemRef = item.to_ref()
    return line


def cost_line(cost: Account, amount: str) -> AccountBasedExpenseLine:
    line = AccountBasedExpenseLine()
    line.Amount = Decimal(amount)
    line.AccountBasedExpenseLineDetail = AccountBasedExpenseLineDetail()
    line.AccountBasedExpenseLineDetail.AccountRef = cost.to_ref()
    return line


def link(txn_id: str, kind: str) -> dict[str, str]:
    return {"TxnId": txn_id, "TxnType": kind}


def book_balance(quickbooks: QuickBooks, of: Account) -> Decimal:
    return Decimal(Account.get(of.Id, qb=quickbooks).CurrentBalance)


def test_lists(quickbooks: QuickBooks) -> None:
    term = Term()
    term.Name = fresh("Net 17")
    term.Type = "STANDARD"
    term.DueDays = 17
    assert Term.get(term.save(qb=quickbooks).Id, qb=quickbooks).DueDays == 17
    method = PaymentMethod()
    method.Name = fresh("Barter")
    method.Type = "NON_CREDIT_CARD"
    assert method.save(qb=quickbooks).Active is True
    employee = Employee()
    employee.GivenName, employee.FamilyName = "Wilhelmina", fresh("Test")
    assert employee.save(qb=quickbooks).DisplayName == f"Wilhelmina {employee.FamilyName}"


def test_a_sub_account_belongs_to_its_parent(quickbooks: QuickBooks, bank: Account) -> None:
    below = Account()
    below.Name = fresh("Reserve")
    below.AccountType = "Bank"
    below.ParentRef = bank.to_ref()
    made = below.save(qb=quickbooks)
    assert made.FullyQualifiedName == f"{bank.Name}:{below.Name}"
    assert made.SubAccount is True


def test_estimate_becomes_invoice(quickbooks: QuickBooks, customer: Customer) -> None:
    estimate = Estimate()
    estimate.CustomerRef = customer.to_ref()
    estimate.Line.append(sale_line("120"))
    estimate = estimate.save(qb=quickbooks)
    assert estimate.TxnStatus == "Pending"
    invoice = Invoice()
    invoice.CustomerRef = customer.to_ref()
    invoice.Line.append(sale_line("120"))
    invoice.LinkedTxn.append(estimate.to_linked_txn())
    invoice.save(qb=quickbooks)
    closed = Estimate.get(estimate.Id, qb=quickbooks)
    assert (closed.TxnStatus, closed.SyncToken) == ("Closed", "0")


def test_receipts_are_swept_to_the_bank(quickbooks: QuickBooks, customer: Customer, bank: Account) -> None:
    receipt = SalesReceipt()
    receipt.CustomerRef = customer.to_ref()
    receipt.Line.append(sale_line("30.50"))
    receipt = receipt.save(qb=quickbooks)
    payment = Payment()
    payment.CustomerRef = customer.to_ref()
    payment.TotalAmt = Decimal("19.50")
    payment = payment.save(qb=quickbooks)
    deposit = Deposit()
    deposit.DepositToAccountRef = bank.to_ref()
    for amount, txn_id, kind in (("30.50", receipt.Id, "SalesReceipt"), ("19.50", payment.Id, "Payment")):
        line = DepositLine()
        line.Amount = Decimal(amount)
        line.LinkedTxn.append(link(txn_id, kind))
        deposit.Line.append(line)
    deposit = deposit.save(qb=quickbooks)
    assert deposit.TotalAmt == 50
    assert book_balance(quickbooks, bank) == 50
    swept = Payment.get(payment.Id, qb=quickbooks)
    assert swept.SyncToken == "0"
    refund = RefundReceipt()
    refund.CustomerRef = customer.to_ref()
    refund.DepositToAccountRef = bank.to_ref()
    refund.Line.append(sale_line("8"))
    refund.save(qb=quickbooks)
    assert book_balance(quickbooks, bank) == 42
    deposit.delete(qb=quickbooks)
    assert book_balance(quickbooks, bank) == -8


def test_a_credit_memo_is_open_until_used(quickbooks: QuickBooks, customer: Customer) -> None:
    memo = CreditMemo()
    memo.CustomerRef = customer.to_ref()
    memo.Line.append(sale_line("15"))
    memo = memo.save(qb=quickbooks)
    assert (memo.RemainingCredit, memo.Balance) == (15, 15)
    assert Customer.get(customer.Id, qb=quickbooks).Balance == -15


def test_an_order_closes_with_its_bill(quickbooks: QuickBooks, vendor: Vendor, cost: Account) -> None:
    order = PurchaseOrder()
    order.VendorRef = vendor.to_ref()
    order.Line.append(cost_line(cost, "70"))
    order = order.save(qb=quickbooks)
    bill = Bill()
    bill.VendorRef = vendor.to_ref()
    bill.Line.append(cost_line(cost, "70"))
    bill.LinkedTxn.append(order.to_linked_txn())
    bill = bill.save(qb=quickbooks)
    assert PurchaseOrder.get(order.Id, qb=quickbooks).POStatus == "Closed"
    credit = VendorCredit()
    credit.VendorRef = vendor.to_ref()
    credit.Line.append(cost_line(cost, "20"))
    credit.save(qb=quickbooks)
    assert Vendor.get(vendor.Id, qb=quickbooks).Balance == 50


def test_money_between_accounts(quickbooks: QuickBooks, bank: Account, cost: Account, vendor: Vendor) -> None:
    other = account(quickbooks, "Bank", "Witness Savings")
    transfer = Transfer()
    transfer.Amount = Decimal("25.25")
    transfer.FromAccountRef, transfer.ToAccountRef = bank.to_ref(), other.to_ref()
    transfer.save(qb=quickbooks)
    assert book_balance(quickbooks, other) == Decimal("25.25")
    purchase = Purchase()
    purchase.PaymentType = "Check"
    purchase.AccountRef = other.to_ref()
    purchase.EntityRef = vendor.to_ref()
    purchase.EntityRef.type = "Vendor"
    purchase.Line.append(cost_line(cost, "5.25"))
    purchase = purchase.save(qb=quickbooks)
    assert purchase.EntityRef.type == "Vendor"
    assert book_balance(quickbooks, other) == 20


def test_a_journal_entry_owes_a_vendor(quickbooks: QuickBooks, cost: Account, vendor: Vendor) -> None:
    payable = Account.where("AccountType = 'Accounts Payable'", order_by="Id", max_results=1, qb=quickbooks)[0]
    entry = JournalEntry()
    for posting, of, who in (("Debit", cost, None), ("Credit", payable, vendor)):
        line: Any = JournalEntryLine()
        line.Amount = Decimal("11")
        line.JournalEntryLineDetail = JournalEntryLineDetail()
        line.JournalEntryLineDetail.PostingType = posting
        line.JournalEntryLineDetail.AccountRef = of.to_ref()
        if who is not None:
            reference = Ref()
            reference.value = who.Id
            line.JournalEntryLineDetail.Entity = {"Type": "Vendor", "EntityRef": reference}
        entry.Line.append(line)
    entry = entry.save(qb=quickbooks)
    assert [line.Id for line in JournalEntry.get(entry.Id, qb=quickbooks).Line] == ["0", "1"]
    assert Vendor.get(vendor.Id, qb=quickbooks).Balance == 11


def test_an_item_decides_the_income_account(quickbooks: QuickBooks, customer: Customer) -> None:
    income = account(quickbooks, "Income", "Witness Income")
    item = Item()
    item.Name = fresh("Witness Hour")
    item.Type = "Service"
    item.IncomeAccountRef = income.to_ref()
    item = item.save(qb=quickbooks)
    receipt = SalesReceipt()
    receipt.CustomerRef = customer.to_ref()
    receipt.Line.append(sale_line("9.99", item))
    sold: Any = receipt.save(qb=quickbooks).Line[0].SalesItemLineDetail
    assert sold["ItemRef"]["name"] == item.Name
    profit = str(quickbooks.get_report("ProfitAndLoss"))
    assert income.Name in profit
