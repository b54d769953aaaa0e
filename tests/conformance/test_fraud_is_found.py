"""Fraud done to the books while they are followed: each trick is found after the next sync, the honest bill beside it is not."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from interlock.runway.desk import Desk
from interlock.runway.services.calculators.finding import Finding
from tests.rails.bookkeeping import Books, kept_books

RULES = ("B07", "B25", "V04", "V06", "V07", "V09")


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    with kept_books(tmp_path_factory.mktemp("fraud")) as books:
        yield books


def desk_of(books: Books) -> Desk:
    house = books.house
    return Desk(house.database, house.clock, house.sync_of, books.business.firm_id)


def after_a_sync(books: Books) -> tuple[dict[tuple[str, str], Finding], dict[str, str]]:
    """Findings of the fraud checks by rule and subject, and what is blocked."""
    books.sync()
    with desk_of(books).reading(books.business.slug) as at:
        found = {(each.rule.id, each.subject.id): each for each in at.findings.all if each.rule.id in RULES}
        return found, dict(at.findings.blocked_bills())


def today(books: Books) -> date:
    with desk_of(books).reading(books.business.slug) as at:
        return at.today


def vendor(books: Books, name: str, **more: Any) -> str:
    return str(books.create("Vendor", DisplayName=name, **more)["Id"])


def paid_long_ago(books: Books, vendor_id: str, days: int = 700) -> str:
    """A bill of long ago, and its payment: the vendor is no stranger."""
    dated = str(today(books) - timedelta(days=days))
    bill = books.bill(vendor_id, "310.00", TxnDate=dated, DueDate=dated, DocNumber=f"OLD-{vendor_id}")
    books.create(
        "BillPayment",
        VendorRef={"value": vendor_id},
        PayType="Check",
        CheckPayment={"BankAccountRef": {"value": books.account("Bank", "Checking")}},
        TotalAmt="310.00",
        TxnDate=dated,
        Line=[{"Amount": "310.00", "LinkedTxn": [{"TxnId": bill, "TxnType": "Bill"}]}],
    )
    return bill


def owed(books: Books, vendor_id: str, amount: str, number: str, *, days: int = 2) -> str:
    dated = today(books) - timedelta(days=days)
    return books.bill(vendor_id, amount, TxnDate=str(dated), DueDate=str(dated + timedelta(days=30)), DocNumber=number)


def test_new_payee_details_stop_every_open_bill_of_the_vendor(followed: Books) -> None:
    honest = vendor(followed, "Yarrow Gasworks", PrimaryEmailAddr={"Address": "ap@yarrowgas.example"})
    paid_long_ago(followed, honest, 300)
    paid_long_ago(followed, honest, 60)
    first, second = owed(followed, honest, "410.00", "Y-1", days=40), owed(followed, honest, "515.00", "Y-7")
    found, blocked = after_a_sync(followed)
    assert ("V04", honest) not in found and not {first, second} & blocked.keys()
    followed.update(
        "Vendor", honest, DisplayName="Yarrow Gasworks", PrimaryEmailAddr={"Address": "ap@yarrow-gas.example"}
    )
    found, blocked = after_a_sync(followed)
    finding = found["V04", honest]
    assert finding.severity == "critical" and set(finding.touches) == {first, second}
    assert "is now ap@yarrow-gas.example, was ap@yarrowgas.example" in finding.reason
    assert {first, second} <= blocked.keys() and blocked[first].startswith("V04 payee details changed")


def test_a_new_vendor_with_an_address_much_like_a_known_one(followed: Books) -> None:
    known = vendor(followed, "Tillerman Glass", PrimaryEmailAddr={"Address": "ap@tillermanglass.example"})
    paid_long_ago(followed, known)
    fake = vendor(followed, "Glazing Services", PrimaryEmailAddr={"Address": "ap@til1ermanglass.example"})
    bill = owed(followed, fake, "2210.00", "88120")
    found, blocked = after_a_sync(followed)
    assert ("V09", fake) in found and ("V06", fake) in found and ("V09", known) not in found
    assert bill in blocked and not found["V09", fake].overridable


def test_a_bill_after_a_year_of_silence(followed: Books) -> None:
    silent = vendor(followed, "Ottershaw Signs")
    paid_long_ago(followed, silent, 500)
    bill = owed(followed, silent, "905.00", "OS-9")
    found, blocked = after_a_sync(followed)
    assert ("V07", bill) in found and bill not in blocked, "to be looked at; it stops nothing"


def test_two_bills_that_reach_the_limit_only_together(followed: Books) -> None:
    splitter = vendor(followed, "Wendover Plant Hire")
    paid_long_ago(followed, splitter, 300)
    parts = {owed(followed, splitter, "2990.00", "W-1", days=3), owed(followed, splitter, "2450.00", "W-8", days=1)}
    apart = owed(followed, splitter, "2000.00", "W-20", days=12)
    found, _ = after_a_sync(followed)
    assert {id_ for rule, id_ in found if rule == "B25"} >= parts
    assert ("B25", apart) not in found


def test_a_bill_entered_again_with_two_digits_swapped(followed: Books) -> None:
    twice = vendor(followed, "Brinewell Salt")
    paid_long_ago(followed, twice, 300)
    first, again = owed(followed, twice, "1204.10", "BW-40871", days=20), owed(followed, twice, "1210.00", "BW-40817")
    found, blocked = after_a_sync(followed)
    assert ("B07", again) in found and ("B07", first) not in found
    assert again not in blocked, "review only"
