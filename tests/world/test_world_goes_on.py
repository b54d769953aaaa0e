"""The sandbox's clock is moved forward: the economy goes on where history left off, whatever others did meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from interlock_sandbox.world import Client, advance, build

AS_OF = date(2026, 11, 24)
SIX_WEEKS = AS_OF + timedelta(days=42)
KINDS = ("Bill", "BillPayment", "Invoice", "Payment", "Deposit", "Purchase")


def counts(client: Client) -> dict[str, int]:
    return {kind: len(client.books.records(kind)) for kind in KINDS}


def open_rows(client: Client, entity: str) -> list[dict[str, Any]]:
    return [row for row in client.books.rows(entity) if row["Balance"] > 0]


@pytest.fixture
def clients() -> list[Client]:
    return build(9, 5, AS_OF).clients


def test_six_weeks_bring_new_documents_payments_and_wages(clients: list[Client]) -> None:
    for client in clients:
        before = counts(client)
        advance(client, AS_OF, SIX_WEEKS)
        after = counts(client)
        still = [kind for kind in KINDS if after[kind] <= before[kind]]
        assert not still, f"{client.name}: no new {still} in six weeks"
        paid_wages = [
            row["TxnDate"]
            for kind in ("JournalEntry", "Purchase")
            for row in client.books.rows(kind)
            if row.get("PrivateNote") == "Payroll" and row["TxnDate"] >= AS_OF.isoformat()
        ]
        assert 2 <= len(paid_wages) <= 4, f"{client.name}: wages on {paid_wages}"
        assert client.company.refused == [], "nothing was refused, since nobody interfered"
        assert sum(client.books.ledger.totals.values()) == 0


def test_bills_open_when_the_world_is_shown_are_paid_as_they_come_due(clients: list[Client]) -> None:
    tidy = clients[3]
    before = {row["Id"] for row in open_rows(tidy, "Bill")}
    advance(tidy, AS_OF, SIX_WEEKS)
    assert before.isdisjoint(row["Id"] for row in open_rows(tidy, "Bill")), "the tidy client pays all within six weeks"


def test_what_was_planted_stays_until_somebody_mends_it(clients: list[Client]) -> None:
    messy = clients[4]
    before = {planted.id: messy.books.get(planted.entity, planted.id) for planted in messy.planted}
    advance(messy, AS_OF, SIX_WEEKS)
    for planted in messy.planted:
        now = messy.books.get(planted.entity, planted.id)
        same = all(
            now.get(field) == before[planted.id].get(field) for field in ("Balance", "UnappliedAmt", "LinkedTxn")
        )
        assert same, f"{planted.rule} {planted.note}: the engine mended it"


def test_it_goes_on_when_others_deleted_paid_and_changed_things(clients: list[Client]) -> None:
    client = clients[0]
    books, at = client.books, datetime(2026, 11, 24, 12, tzinfo=UTC)
    (deleted, paid, *_) = [row for row in open_rows(client, "Bill") if row["Balance"] == row["TotalAmt"]][:9]
    books.delete("Bill", deleted["Id"], at=at)
    (bank,) = [row["Id"] for row in books.rows("Account") if row["AccountSubType"] == "Checking"]
    payment = {
        "VendorRef": paid["VendorRef"],
        "TotalAmt": paid["Balance"],
        "TxnDate": AS_OF.isoformat(),
        "PayType": "Check",
        "CheckPayment": {"BankAccountRef": {"value": bank}},
        "Line": [{"Amount": paid["Balance"], "LinkedTxn": [{"TxnId": paid["Id"], "TxnType": "Bill"}]}],
    }
    books.create("BillPayment", payment, at=at)
    voided = open_rows(client, "Invoice")[0]
    books.void("Invoice", voided["Id"], at=at)
    landlord = next(row for row in books.rows("Vendor") if row["Id"] == client.company.suppliers[0].id)
    gone = {"Id": landlord["Id"], "SyncToken": landlord["SyncToken"], "Active": False}
    books.update("Vendor", gone, at=at, sparse=True)

    advance(client, AS_OF, SIX_WEEKS)

    payments = [row for row in books.rows("BillPayment") if any(_pays(line, paid["Id"]) for line in row["Line"])]
    assert len(payments) == 1, "a bill somebody else paid is not paid again"
    assert all("inactive" in why or "Invalid Reference" in why for _, why in client.company.refused)
    assert client.company.refused, "rent of a vendor made inactive is refused, and remembered"
    assert sum(books.ledger.totals.values()) == 0


def test_it_goes_on_after_merges_and_the_books_still_tie(clients: list[Client]) -> None:
    client = clients[1]
    books, at = client.books, datetime(2026, 11, 24, 12, tzinfo=UTC)
    payable, receivable = books.standard("payable"), books.standard("receivable")
    before = (books.ledger.total(payable), books.ledger.total(receivable), len(open_rows(client, "Bill")))
    suppliers = [supplier.id for supplier in client.company.suppliers if not supplier.foreign]
    buyers = [buyer.id for buyer in client.company.buyers if not buyer.foreign]
    books.merge("Vendor", {"winner": suppliers[0], "loser": suppliers[1]}, at=at)
    books.merge("Customer", {"winner": buyers[0], "loser": buyers[1]}, at=at)
    assert (books.ledger.total(payable), books.ledger.total(receivable), len(open_rows(client, "Bill"))) == before
    advance(client, AS_OF, SIX_WEEKS)
    assert client.company.refused, "bills of a vendor that is gone are refused, and remembered"
    assert sum(books.ledger.totals.values()) == 0
    for side, entity, account in (("AP", "Vendor", payable), ("AR", "Customer", receivable)):
        owed = sum(cents for (kind, _), cents in books.open_items.balances.items() if kind == side)
        foreign = [
            record.id
            for record in books.records("Account").values()
            if books.side_of(record.id) == side and record.id != account
        ]
        ledger = books.ledger.total(account) + sum(books.ledger.total(other) for other in foreign)
        assert owed == (ledger if side == "AR" else -ledger), f"open items of every {entity} must tie to the ledger"
        parties = {party for (kind, party), cents in books.open_items.balances.items() if kind == side and cents}
        assert parties <= set(books.records(entity)), f"somebody who is gone still owes or is owed: {entity}"


def _pays(line: dict[str, Any], bill: str) -> bool:
    return any(link["TxnId"] == bill for link in line.get("LinkedTxn", []))
