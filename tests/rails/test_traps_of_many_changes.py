"""More changes than one answer holds: it says a thousand and cuts the rest silently, deletions among them (qbo.md §4)."""

from typing import Any

from interlock.rails import facts
from interlock.rails.ports import SyncReport
from tests.rails.bookkeeping import Books

_MOST = 1_000


def deleted(report: SyncReport, entity: str) -> int:
    return sum(each.deleted for each in report.entities if each.entity == entity)


def test_every_one_arrives_and_every_deletion(books: Books) -> None:
    vendor, other = books.vendor("Prolific"), books.vendor("Bystander")
    bills = [books.bill(vendor, f"{n}.01") for n in range(1, _MOST + 21)]
    books.bill(other, "9.00")
    books.sync()
    assert books.differences() == []
    for id_ in bills:
        books.delete("Bill", id_)
    report = books.sync()
    assert deleted(report, "bill") == len(bills), "though one answer could not say them all"
    assert books.differences() == []


def test_more_deposits_than_that_still_change_the_payments_they_took_in(books: Books) -> None:
    payment = books.receipt(books.customer("Among Many"))
    books.settle()
    deposit = books.deposit(("Payment", payment, "80.00"))
    income, bank = books.account("Income"), books.account("Bank")
    for n in range(1, _MOST + 1):
        line: dict[str, Any] = {
            "Amount": f"{n}.00",
            "DetailType": "DepositLineDetail",
            "DepositLineDetail": {"AccountRef": {"value": income}},
        }
        books.create("Deposit", DepositToAccountRef={"value": bank}, TxnDate="2026-11-23", Line=[line])
    books.sync()
    assert books.links(facts.Payment, payment) == {("deposit", deposit)}
    assert books.differences() == []
