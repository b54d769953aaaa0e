"""A row that QuickBooks fails on (10000): it is found and named, and the rest of the company is read (qbo.md §12)."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

import interlock.domains.qbo.client as client_module
from interlock.infra import translog
from interlock.rails import facts
from interlock.rails.errors import Unavailable
from interlock.runway.services.data_orchestrators.proof_snapshot import tied_of
from tests.rails.bookkeeping import Books


@pytest.fixture(autouse=True)
def _healed(books: Books, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(client_module, "_FIRST_PAUSE_SECONDS", 0.001)
    yield
    books.control("poison", {}, "DELETE")
    books.sandbox.calm()
    books.sync(full=True)


def poison(books: Books, entity: str, id_: str, *ways: str) -> None:
    books.control("poison", {"entity": entity, "id": id_, "in": list(ways) or ["query"]})


def test_a_first_listing_reads_everything_but_the_row_and_names_it(books: Books) -> None:
    bills = [row["Id"] for row in books.world("Bill")]
    chosen = next(id_ for before, id_ in pairwise(bills) if int(id_) - int(before) <= 100)
    books.spoil(facts.Bill, chosen, buried_at=books.house.clock.now())  # as if we had never held it
    poison(books, "Bill", chosen)
    report = books.sync(full=True)
    assert [(each.entity, each.id) for each in report.problems] == [("bill", chosen)]
    assert "10000" in report.problems[0].sentence
    books.control("poison", {}, "DELETE")
    assert books.differences() == [f"bill {chosen} is missing here"]


def test_a_row_we_hold_is_kept_and_not_taken_for_deleted(books: Books) -> None:
    bill = books.bill(books.vendor("Kept"), "14.00")
    books.settle()
    poison(books, "Bill", bill)
    report = books.sync(full=True)
    assert [(each.entity, each.id) for each in report.problems] == [("bill", bill)]
    assert books.row(facts.Bill, bill).buried_at is None
    with books.house.database.reading(books.scope) as session:
        lines = [line.action for line in translog.lines(session, books.business.business_id)]
    assert "mirror.unread" in lines


def test_its_company_is_not_tied_until_it_can_be_read_again(books: Books) -> None:
    bill = books.bill(books.vendor("Not Tied"), "15.00")
    books.settle()
    poison(books, "Bill", bill)
    books.sync(full=True)
    with books.house.database.reading(books.scope) as session:
        tied = tied_of(session, books.business)
    assert tied.tied is False
    assert f"Bill {bill}" in tied.words
    books.control("poison", {}, "DELETE")
    assert books.prove().tied is True
    with books.house.database.reading(books.scope) as session:
        assert tied_of(session, books.business).tied is True


def test_changes_that_fail_on_a_row_are_asked_kind_by_kind(books: Books) -> None:
    vendor = books.vendor("In The Changes")
    bill = books.bill(vendor, "16.00")
    books.settle()
    books.update("Bill", bill, PrivateNote="Poisoned now")
    other = books.bill(vendor, "17.00")
    poison(books, "Bill", bill, "cdc", "query")
    report = books.sync()
    assert [(each.entity, each.id) for each in report.problems] == [("bill", bill)]
    assert books.row(facts.Bill, other) is not None, "the rest of the changes arrived"
    assert books.row(facts.Bill, bill).note is None, "this one could not"
    books.control("poison", {}, "DELETE")
    assert books.prove().tied is True
    assert books.row(facts.Bill, bill).note == "Poisoned now", "the proof asks for it again"
    assert books.differences() == []


def test_a_payment_that_a_deposit_took_in_and_that_fails_stops_nobody(books: Books) -> None:
    payment = books.receipt(books.customer("Swept And Poisoned"))
    books.settle()
    books.deposit(("Payment", payment, "80.00"))
    poison(books, "Payment", payment)
    report = books.sync()
    assert [(each.entity, each.id) for each in report.problems] == [("payment", payment)]


def test_quickbooks_itself_failing_is_no_poisoned_row(books: Books) -> None:
    books.sandbox.fault("server_error", status=500, path="/query")
    with pytest.raises(Unavailable, match="application error"):
        books.sync(full=True)
    books.sandbox.calm()
    report = books.sync()
    assert (report.mode, report.problems) == ("full", ())
