"""Reports are strings that tie to the double entry, to the cent (qbo.md §10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from interlock_sandbox.books import Books
from interlock_sandbox.sandbox import Sandbox

Call = Callable[..., requests.Response]
Line = Callable[..., dict[str, Any]]
REALM = "9341450000000042"


@pytest.fixture
def traded(sandbox: Sandbox, at: datetime, rent_line: Line, paper_line: Line) -> Books:
    """Bills and invoices of several ages, a part payment, an overpayment, a credit, a journal line on A/P."""
    books = sandbox.companies[REALM]

    def make(entity: str, **body: Any) -> str:
        return str(books.create(entity, body, at=at)["Id"])

    one, two, school, library = ({"value": key} for key in ("1", "2", "3", "4"))
    for due, amount in (
        ("2026-07-01", "10.01"),
        ("2026-06-01", "20.02"),
        ("2026-04-30", "40.04"),
        ("2026-01-31", "80.08"),
    ):
        make("Bill", VendorRef=one, TxnDate="2026-01-01", DueDate=due, Line=[rent_line(amount)])
    bill = make("Bill", VendorRef=two, TxnDate="2026-05-01", DueDate="2026-05-31", Line=[rent_line("100")])
    link = {"Amount": "60", "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}
    check = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    make("BillPayment", VendorRef=two, TxnDate="2026-06-10", TotalAmt="75", Line=[link], **check)
    make("VendorCredit", VendorRef=one, TxnDate="2026-06-12", Line=[rent_line("5")])
    detail = {"PostingType": "Credit", "AccountRef": {"value": books.standard("payable")}}
    detail["Entity"] = {"Type": "Vendor", "EntityRef": two}
    owed = {"Amount": "7", "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}
    other = {"PostingType": "Debit", "AccountRef": {"value": "3"}}
    make(
        "JournalEntry", TxnDate="2026-06-01",
        Line=[owed, {"Amount": "7", "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": other}],
    )  # fmt: skip
    make("Invoice", CustomerRef=school, TxnDate="2026-03-01", DueDate="2026-03-31", Line=[paper_line("300")])
    make("Invoice", CustomerRef=library, TxnDate="2026-06-01", DueDate="2026-07-01", Line=[paper_line("40")])
    make("Payment", CustomerRef=school, TxnDate="2026-06-05", TotalAmt="46")
    return books


def cells(row: dict[str, Any]) -> list[str]:
    return [cell["value"] for cell in row.get("ColData", row.get("Summary", {}).get("ColData", []))]


def test_payables_by_age(api: Call, traded: Books) -> None:
    report = api("GET", "reports/AgedPayables", params={"report_date": "2026-06-15"}).json()
    titles = [column["ColTitle"] for column in report["Columns"]["Column"]]
    assert titles == ["", "Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total"]
    rows = {cells(row)[0]: cells(row)[1:] for row in report["Rows"]["Row"]}
    assert rows["Amy's Ink"] == ["10.01", "15.02", "40.04", "", "80.08", "145.15"]
    assert rows["Brindle Freight"] == ["", "32.00", "", "", "", "32.00"], "60 of 100 paid, 15 over, 7 by journal"
    assert rows["TOTAL"][-1] == "177.15"
    assert Decimal(rows["TOTAL"][-1]) * 100 == -traded.ledger.total(traded.standard("payable"))
    assert report["Header"]["ReportName"] == "AgedPayables"


def test_payables_of_an_earlier_day_know_nothing_of_later_payments(api: Call, traded: Books) -> None:
    del traded
    report = api("GET", "reports/AgedPayables", params={"report_date": "2026-05-31"}).json()
    rows = {cells(row)[0]: cells(row)[1:] for row in report["Rows"]["Row"]}
    assert rows["Brindle Freight"] == ["100.00", "", "", "", "", "100.00"]


def test_receivables_show_jobs_below_their_customer(api: Call, traded: Books) -> None:
    report = api("GET", "reports/AgedReceivables", params={"report_date": "2026-06-15"}).json()
    section, total = report["Rows"]["Row"]
    assert [cell["value"] for cell in section["Header"]["ColData"]] == [
        "Corvane Schools", "", "-46.00", "", "300.00", "", "254.00",
    ]  # fmt: skip
    assert cells(section["Rows"]["Row"][0]) == ["Library", "40.00", "", "", "", "", "40.00"]
    assert cells(section)[-1] == cells(total)[-1] == "294.00"
    assert traded.ledger.total(traded.standard("receivable")) == 29400


def test_one_vendor_and_other_periods(api: Call, traded: Books) -> None:
    del traded
    ask = {"report_date": "2026-06-15", "vendor": "1", "aging_period": "50", "num_periods": "2"}
    report = api("GET", "reports/AgedPayables", params=ask).json()
    assert [column["ColTitle"] for column in report["Columns"]["Column"]][1:] == [
        "Current",
        "1 - 50",
        "51 and over",
        "Total",
    ]
    assert cells(report["Rows"]["Row"][0]) == ["Amy's Ink", "10.01", "55.06", "80.08", "145.15"]


def test_the_balance_sheet_balances(api: Call, traded: Books) -> None:
    report = api("GET", "reports/BalanceSheet", params={"end_date": "2026-06-15"}).json()
    assets, other = report["Rows"]["Row"]
    assert cells(assets)[1] == cells(other)[1] == "265.00"
    assert (assets["group"], other["group"]) == ("TotalAssets", "TotalLiabilitiesAndEquity")
    current = assets["Rows"]["Row"][0]
    by_group = {row["group"]: cells(row)[1] for row in current["Rows"]["Row"]}
    assert by_group == {"BankAccounts": "-75.00", "AR": "294.00", "OtherCurrentAssets": "46.00"}
    assert sum(traded.ledger.totals.values()) == 0


def test_trial_balance_and_profit_and_loss(api: Call, traded: Books) -> None:
    del traded
    trial = api("GET", "reports/TrialBalance", params={"end_date": "2026-06-15"}).json()
    debit, credit = cells(trial["Rows"]["Row"][-1])[1:]
    assert debit == credit
    profit = api("GET", "reports/ProfitAndLoss", params={"start_date": "2026-01-01", "end_date": "2026-06-15"}).json()
    totals = {row["group"]: cells(row)[1] for row in profit["Rows"]["Row"]}
    assert totals["NetIncome"] == "87.85"


def test_an_empty_company_has_no_rows_at_all(
    url: str, http: requests.Session, token_call: Call, clients: dict[str, Any]
) -> None:
    token = token_call(grant_type="refresh_token", refresh_token=clients["clients"][1]["refresh_token"]).json()
    answer = http.get(
        f"{url}/v3/company/9341450000000043/reports/AgedPayables", timeout=10,
        headers={"Authorization": f"Bearer {token['access_token']}"},
    ).json()  # fmt: skip
    assert answer["Rows"] == {}
    assert {"Name": "NoReportData", "Value": "true"} in answer["Header"]["Option"]


@pytest.mark.parametrize(
    "path",
    ["reports/TaxSummary", "reports/AgedPayables?report_date=soon", "reports/BalanceSheet?accounting_method=Cash"],
)
def test_reports_that_are_not_served(api: Call, path: str) -> None:
    assert api("GET", path).status_code == 400
