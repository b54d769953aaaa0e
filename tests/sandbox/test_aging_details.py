"""Aging details line by line, and reports that come in another language or end early (qbo.md §7, §10)."""

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
AS_OF = {"report_date": "2026-06-15"}


@pytest.fixture
def traded(sandbox: Sandbox, at: datetime, rent_line: Line, paper_line: Line) -> Books:
    """Two bills of one vendor, one part paid with more than it needed, a credit, and an invoice of a job."""
    books = sandbox.companies[REALM]

    def make(entity: str, **body: Any) -> str:
        return str(books.create(entity, body, at=at)["Id"])

    one, job = {"value": "1"}, {"value": "4"}
    make("Bill", VendorRef=one, TxnDate="2026-01-02", DueDate="2026-01-31", DocNumber="A-1", Line=[rent_line("80.08")])
    bill = make("Bill", VendorRef=one, TxnDate="2026-06-01", DueDate="2026-07-01", Line=[rent_line("100")])
    link = {"Amount": "60", "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}
    check = {"PayType": "Check", "CheckPayment": {"BankAccountRef": {"value": "1"}}}
    make("BillPayment", VendorRef=one, TxnDate="2026-06-10", TotalAmt="75", Line=[link], **check)
    make("VendorCredit", VendorRef=one, TxnDate="2026-06-12", Line=[rent_line("5")])
    make("Invoice", CustomerRef=job, TxnDate="2026-06-01", DueDate="2026-06-10", Line=[paper_line("40")])
    return books


def values(row: dict[str, Any]) -> list[str]:
    return [cell["value"] for cell in row["ColData"]]


def test_payables_line_by_line(api: Call, traded: Books) -> None:
    report = api("GET", "reports/AgedPayableDetail", params=AS_OF).json()
    keys = [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]
    assert keys == [
        "tx_date", "txn_type", "doc_num", "vend_name", "due_date", "past_due", "subt_neg_amount", "subt_neg_open_bal",
    ]  # fmt: skip
    sections = report["Rows"]["Row"]
    assert [values(each["Header"])[0] for each in sections[:-1]] == [
        "91 or more days past due", "1 - 30 days past due", "Current",
    ]  # fmt: skip
    assert values(sections[0]["Rows"]["Row"][0]) == [
        "2026-01-02", "Bill", "A-1", "Amy's Ink", "2026-01-31", "135", "80.08", "80.08",
    ]  # fmt: skip
    late = [values(row) for row in sections[1]["Rows"]["Row"]]
    assert [row[1] for row in late] == ["Bill Payment (Check)", "Vendor Credit"]
    assert [row[-1] for row in late] == ["-15.00", "-5.00"], "what is left of a payment counts against what is owed"
    assert values(sections[2]["Rows"]["Row"][0])[-2:] == ["100.00", "40.00"]
    assert values(sections[-1]["Summary"])[-1] == "100.08"
    assert Decimal(values(sections[-1]["Summary"])[-1]) * 100 == -traded.ledger.total(traded.standard("payable"))
    assert sections[0]["Rows"]["Row"][0]["ColData"][1]["id"] == "1"


def test_receivables_name_the_job_and_filters_narrow(api: Call, traded: Books) -> None:
    del traded
    report = api("GET", "reports/AgedReceivableDetail", params=AS_OF).json()
    assert "past_due" not in [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]
    assert values(report["Rows"]["Row"][0]["Rows"]["Row"][0])[3] == "Corvane Schools:Library"
    narrow = {**AS_OF, "end_duedate": "2026-02-01", "columns": "due_date,subt_neg_open_bal,unheard_of"}
    some = api("GET", "reports/AgedPayableDetail", params=narrow).json()
    assert [values(row) for row in some["Rows"]["Row"][0]["Rows"]["Row"]] == [["2026-01-31", "80.08"]]
    none = api("GET", "reports/AgedPayableDetail", params={**AS_OF, "vendor": "2"}).json()
    assert none["Rows"] == {}


def test_titles_in_french_keep_keys_names_and_amounts(api: Call, control: Call, traded: Books) -> None:
    del traded
    english = api("GET", "reports/AgedPayables", params=AS_OF).json()
    control("POST", "/quirks", json={"report_language": "fr"})
    french = api("GET", "reports/AgedPayables", params=AS_OF).json()
    titles = [column["ColTitle"] for column in french["Columns"]["Column"]]
    assert titles == ["", "À jour", "1 - 30", "31 - 60", "61 - 90", "91 et plus", "Total"]
    assert [column["MetaData"] for column in french["Columns"]["Column"]] == [
        column["MetaData"] for column in english["Columns"]["Column"]
    ]
    assert values(french["Rows"]["Row"][0]) == values(english["Rows"]["Row"][0])
    sheet = api("GET", "reports/BalanceSheet").json()["Rows"]["Row"]
    assert [values(row["Summary"])[0] for row in sheet] == [
        "TOTAL DE L'ACTIF", "TOTAL DU PASSIF ET DES CAPITAUX PROPRES",
    ]  # fmt: skip
    assert [row["group"] for row in sheet] == ["TotalAssets", "TotalLiabilitiesAndEquity"]


def test_a_report_that_is_too_large_ends_early_with_status_ok(api: Call, control: Call, traded: Books) -> None:
    del traded
    control("POST", "/quirks", json={"report_cuts": 1})
    cut = api("GET", "reports/AgedPayables", params=AS_OF)
    assert cut.status_code == 200
    assert values(cut.json()["Rows"]["Row"][-1])[0] == "Unable to display more data. Please reduce the date range."
    assert all(row.get("group") != "GrandTotal" for row in cut.json()["Rows"]["Row"])
    whole = api("GET", "reports/AgedPayables", params=AS_OF).json()
    assert whole["Rows"]["Row"][-1]["group"] == "GrandTotal", "only one report was to be cut"
