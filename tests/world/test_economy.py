"""A firm of twelve: each company keeps true double entry, and each is of its own character."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from interlock_sandbox.world import Client, Firm

Row = dict[str, Any]
CHARACTERS = {
    "growing", "seasonal", "in trouble", "tidy", "messy", "retail", "grant-funded", "term-time", "steady", "export",
    "thin margin", "harvest",
}  # fmt: skip
TWELVE = pytest.mark.parametrize("place", range(12))


def by_character(firm: Firm, character: str) -> Client:
    return next(client for client in firm.clients if client.character == character)


def rows(client: Client, entity: str) -> list[Row]:
    return list(client.books.rows(entity))


def account_ids(client: Client, kind: str) -> set[str]:
    return {account["Id"] for account in rows(client, "Account") if account["AccountType"] == kind}


def at_home(row: Row, field: str) -> Decimal:
    """An open amount in dollars: foreign documents say it themselves."""
    amount = row["Home" + field] if "Home" + field in row else row[field]
    return Decimal(amount)


def journaled(client: Client, kind: str) -> Decimal:
    """Debits less credits that journal entries put straight on accounts of a type."""
    control, total = account_ids(client, kind), Decimal(0)
    for entry in rows(client, "JournalEntry"):
        for line in entry["Line"]:
            detail = line["JournalEntryLineDetail"]
            if detail["AccountRef"]["value"] in control:
                total += line["Amount"] if detail["PostingType"] == "Debit" else -line["Amount"]
    return total


def control_total(client: Client, kind: str) -> Decimal:
    """Debits less credits of all control accounts of a type, from the ledger."""
    return Decimal(sum(client.books.ledger.total(account) for account in account_ids(client, kind))) / 100


def invoiced_by_month(client: Client) -> dict[str, Decimal]:
    """Sales by month, counter sales included."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for sale in [*rows(client, "Invoice"), *rows(client, "SalesReceipt")]:
        totals[sale["TxnDate"][:7]] += sale["TotalAmt"] * sale.get("ExchangeRate", 1)
    return dict(sorted(totals.items()))


def checking_by_day(client: Client) -> dict[date, int]:
    """The balance of the operating account at the end of each day something moved, in cents."""
    (checking,) = [one["Id"] for one in rows(client, "Account") if one["AccountSubType"] == "Checking"]
    moved: dict[str, int] = defaultdict(int)
    for _, entry in client.books.ledger:
        for posting in entry.postings:
            if posting.account == checking:
                moved[entry.date] += posting.cents
    balance, found = 0, {}
    for day, cents in sorted(moved.items()):
        balance += cents
        found[date.fromisoformat(day)] = balance
    return found


@TWELVE
def test_every_company_balances(firm: Firm, place: int) -> None:
    client = firm.clients[place]
    assert sum(client.books.ledger.totals.values()) == 0, f"{client.name}: the trial balance is not zero"
    for txn_id, entry in client.books.ledger:
        assert sum(posting.cents for posting in entry.postings) == 0, f"{entry.entity} {txn_id} does not balance"


@TWELVE
def test_payables_tie_to_open_documents_and_named_journal_entries(firm: Firm, place: int) -> None:
    client = firm.clients[place]
    owed = sum((at_home(bill, "Balance") for bill in rows(client, "Bill")), Decimal(0))
    owed -= sum((at_home(credit, "Balance") for credit in rows(client, "VendorCredit")), Decimal(0))
    owed -= journaled(client, "Accounts Payable")
    assert -control_total(client, "Accounts Payable") == owed, f"{client.name}: A/P does not tie"


@TWELVE
def test_receivables_tie_to_open_documents_unapplied_payments_and_named_journal_entries(firm: Firm, place: int) -> None:
    client = firm.clients[place]
    due = sum((at_home(invoice, "Balance") for invoice in rows(client, "Invoice")), Decimal(0))
    due -= sum((at_home(memo, "Balance") for memo in rows(client, "CreditMemo")), Decimal(0))
    due -= sum((Decimal(payment["UnappliedAmt"]) for payment in rows(client, "Payment")), Decimal(0))
    due += journaled(client, "Accounts Receivable")
    assert control_total(client, "Accounts Receivable") == due, f"{client.name}: A/R does not tie"


@TWELVE
def test_undeposited_funds_are_the_receipts_not_taken_to_the_bank(firm: Firm, place: int) -> None:
    client = firm.clients[place]
    (funds,) = [one for one in rows(client, "Account") if one["AccountSubType"] == "UndepositedFunds"]
    waiting = [
        receipt["TotalAmt"]
        for receipt in [*rows(client, "Payment"), *rows(client, "SalesReceipt")]
        if receipt["DepositToAccountRef"]["value"] == funds["Id"]
        and not any(link["TxnType"] == "Deposit" for link in receipt.get("LinkedTxn", []))
    ]
    assert funds["CurrentBalance"] == sum(waiting)


@TWELVE
def test_a_year_and_more_of_history_ends_with_the_day_before(firm: Firm, as_of: date, place: int) -> None:
    client = firm.clients[place]
    dates = [date.fromisoformat(bill["TxnDate"]) for bill in rows(client, "Bill")]
    assert min(dates) < as_of - timedelta(days=390), "thirteen months and more of history"
    assert as_of - timedelta(days=7) < max(dates) < as_of
    stamps = [
        row["MetaData"]["LastUpdatedTime"] for entity in ("Bill", "Invoice", "Deposit") for row in rows(client, entity)
    ]
    midnight = datetime.fromisoformat(f"{as_of.isoformat()}T00:00:00+00:00")
    assert max(map(datetime.fromisoformat, stamps)) < midnight, (
        "a clock set to any hour of the day has all this behind it"
    )


@TWELVE
def test_documents_are_open_some_overdue_and_some_due_in_the_coming_weeks(firm: Firm, as_of: date, place: int) -> None:
    client = firm.clients[place]
    bills = [bill for bill in rows(client, "Bill") if bill["Balance"] > 0]
    invoices = [invoice for invoice in rows(client, "Invoice") if invoice["Balance"] > 0]
    assert 30 <= len(bills) + len(invoices) <= 150, f"{client.name}: {len(bills)} bills, {len(invoices)} invoices open"
    for documents in (bills, invoices):
        due = [date.fromisoformat(one["DueDate"]) for one in documents if "DueDate" in one]
        coming = sum(as_of <= day <= as_of + timedelta(days=45) for day in due)
        assert coming >= len(documents) // 5, f"{client.name}: too few documents come due after {as_of}"


@TWELVE
def test_every_kind_of_document_is_there(firm: Firm, place: int) -> None:
    client = firm.clients[place]
    kinds = (
        "Bill BillPayment VendorCredit PurchaseOrder Invoice Payment CreditMemo Deposit Purchase Transfer JournalEntry"
    )
    empty = [kind for kind in kinds.split() if not client.books.records(kind)]
    assert not empty, f"{client.name} has no {empty}"
    assert any(not vendor["Active"] for vendor in rows(client, "Vendor"))
    assert any(not customer["Active"] for customer in rows(client, "Customer"))
    payments = rows(client, "BillPayment")
    assert {payment["PayType"] for payment in payments} == {"Check", "CreditCard"}
    assert any(len(payment["Line"]) > 1 for payment in payments), "one check for several bills"
    assert client.books.get("CompanyInfo", "1")["DefaultTimeZone"] == client.time_zone
    assert client.books.get("Preferences", "1")["AccountingInfoPrefs"]["BookCloseDate"] < "2026-11-01"


def test_the_firm_as_a_whole_has_the_rarer_stories_too(firm: Firm) -> None:
    told: Counter[str] = Counter()
    for client in firm.clients:
        told["deleted"] += len(client.books.tombstones)
        told["voided invoice"] += sum(one["TotalAmt"] == 0 for one in rows(client, "Invoice"))
        told["voided check"] += sum(one.get("PrivateNote") == "Voided" for one in rows(client, "BillPayment"))
        told["job"] += sum(one["Job"] for one in rows(client, "Customer"))
        told["sales receipt"] += len(client.books.records("SalesReceipt"))
        told["refund receipt"] += len(client.books.records("RefundReceipt"))
        told["card refund"] += sum(one.get("Credit") is True for one in rows(client, "Purchase"))
        told["part paid bill"] += sum(0 < one["Balance"] < one["TotalAmt"] for one in rows(client, "Bill"))
        told["part paid invoice"] += sum(0 < one["Balance"] < one["TotalAmt"] for one in rows(client, "Invoice"))
        told["closed order"] += sum(one["POStatus"] == "Closed" for one in rows(client, "PurchaseOrder"))
        told["open order"] += sum(one["POStatus"] == "Open" for one in rows(client, "PurchaseOrder"))
        told["open foreign bill"] += sum("ExchangeRate" in one and one["Balance"] > 0 for one in rows(client, "Bill"))
        told["foreign invoice"] += sum("ExchangeRate" in one for one in rows(client, "Invoice"))
        told["foreign payment"] += sum("ExchangeRate" in one for one in rows(client, "Payment"))
    missing = [
        story
        for story in (
            "deleted", "voided invoice", "voided check", "job", "sales receipt", "refund receipt", "card refund",
            "part paid bill", "part paid invoice", "closed order", "open order", "open foreign bill", "foreign invoice",
            "foreign payment",
        )
        if not told[story]
    ]  # fmt: skip
    assert not missing, f"nobody in the firm has {missing}"


def test_twelve_clients_are_of_twelve_characters(firm: Firm) -> None:
    assert {client.character for client in firm.clients} == CHARACTERS
    assert len({client.realm_id for client in firm.clients}) == 12
    assert len({client.slug for client in firm.clients}) == 12
    total = sum(len(client.books.records(entity)) for client in firm.clients for entity in client.books.shelves)
    assert 12_000 <= total <= 24_000, f"a firm of twelve holds {total} rows"


def test_the_growing_client_grows_and_the_one_in_trouble_shrinks(firm: Firm) -> None:
    def change(client: Client) -> Decimal:
        months = list(invoiced_by_month(client).values())
        return sum(months[-4:-1], Decimal(0)) / sum(months[:3], Decimal(0))

    assert change(by_character(firm, "growing")) > Decimal("1.25")
    assert change(by_character(firm, "in trouble")) < Decimal("0.95")


def test_the_seasonal_clients_sell_twice_as_much_in_their_best_month(firm: Firm) -> None:
    for character in ("seasonal", "harvest", "term-time"):
        months = list(invoiced_by_month(by_character(firm, character)).values())[:-1]
        assert max(months) > 2 * min(months), character
    steady = list(invoiced_by_month(by_character(firm, "steady")).values())[:-1]
    assert max(steady) < 2 * min(steady)


def wages_of(client: Client) -> list[tuple[str, Decimal]]:
    """(date, cash needed) of each payroll entry."""
    return sorted(
        (entry["TxnDate"], line["Amount"])
        for entry in rows(client, "JournalEntry")
        if entry.get("PrivateNote") == "Payroll"
        for line in entry["Line"]
        if line.get("Description") == "Net pay"
    )


def test_the_client_in_trouble_cannot_pay_the_next_wages(firm: Firm, as_of: date) -> None:
    client = by_character(firm, "in trouble")
    (last, net) = wages_of(client)[-1]
    coming = date.fromisoformat(last) + timedelta(days=14)
    assert as_of + timedelta(days=4) <= coming <= as_of + timedelta(days=19), "wages come due within three weeks"
    (checking,) = [one for one in rows(client, "Account") if one["AccountSubType"] == "Checking"]
    assert 0 <= checking["CurrentBalance"] < net / 2, f"{checking['CurrentBalance']} is not short of {net}"
    bills = [bill for bill in rows(client, "Bill") if bill["Balance"] > 0]
    overdue = sum(bill["DueDate"] < as_of.isoformat() for bill in bills)
    assert len(bills) / 3 < overdue < len(bills), "most, not all, is overdue"


def test_the_client_in_trouble_drifts_down_quarter_by_quarter(firm: Firm) -> None:
    days = list(checking_by_day(by_character(firm, "in trouble")).values())
    quarter = len(days) // 4
    means = [sum(days[start : start + quarter]) // quarter for start in range(0, 4 * quarter, quarter)]
    assert all(later < earlier for earlier, later in pairwise(means)), f"cash by quarter of the history: {means}"


@TWELVE
def test_no_company_overdraws_its_bank_account(firm: Firm, place: int) -> None:
    client = firm.clients[place]
    lowest = min(checking_by_day(client).items(), key=lambda pair: pair[1])
    assert lowest[1] >= 0, f"{client.name} is overdrawn on {lowest[0]}: {lowest[1]} cents"


def test_the_tidy_client_has_no_bill_overdue(firm: Firm, as_of: date) -> None:
    open_bills = [bill for bill in rows(by_character(firm, "tidy"), "Bill") if bill["Balance"] > 0]
    assert all(bill["DueDate"] >= as_of.isoformat() for bill in open_bills)


def days_late(client: Client) -> dict[str, list[int]]:
    """By customer: days from due date to the payment that used up the invoice."""
    invoices = {invoice["Id"]: invoice for invoice in rows(client, "Invoice") if invoice["Balance"] == 0}
    late: dict[str, list[int]] = defaultdict(list)
    for payment in rows(client, "Payment"):
        for line in payment.get("Line", []):
            invoice = invoices.get(line["LinkedTxn"][0]["TxnId"])
            if invoice and line["LinkedTxn"][0]["TxnType"] == "Invoice" and payment["TotalAmt"] > 0:
                gap = date.fromisoformat(payment["TxnDate"]) - date.fromisoformat(invoice["DueDate"])
                late[payment["CustomerRef"]["value"]].append(gap.days)
    return {customer: sorted(gaps) for customer, gaps in late.items() if len(gaps) >= 8}


def test_customers_differ_in_how_late_they_pay_and_each_is_true_to_itself(firm: Firm) -> None:
    medians = {}
    for client in firm.clients:
        for gaps in days_late(client).values():
            medians[(client.name, tuple(gaps))] = gaps[len(gaps) // 2]
            p80 = gaps[len(gaps) * 4 // 5]
            assert p80 - gaps[len(gaps) // 2] <= 45, f"{client.name}: a customer without habits: {gaps}"
    assert len(medians) > 60, "enough customers paid often enough to tell"
    assert min(medians.values()) <= 0, "some pay early or on the day"
    assert max(medians.values()) >= 20, "some keep one waiting three weeks"


def test_the_prompt_clientele_pays_earlier_than_the_slow_one(firm: Firm) -> None:
    def median(client: Client) -> int:
        gaps = sorted(gap for customer in days_late(client).values() for gap in customer)
        return gaps[len(gaps) // 2]

    assert median(by_character(firm, "tidy")) + 8 < median(by_character(firm, "in trouble"))
