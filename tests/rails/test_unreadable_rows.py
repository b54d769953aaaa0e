"""A row that QuickBooks shows and we can't read: it is named and left out, and the rest of the company is read."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from interlock.infra import translog
from interlock.rails import facts
from interlock.rails.errors import ContractBroken
from interlock.runway.services.data_orchestrators.proof_snapshot import tied_of
from tests.rails.bookkeeping import Books
from tests.rails.meddler import Meddler, meddling
from tests.support.unreadable import without_date


@pytest.fixture(scope="module")
def between(books: Books) -> Iterator[Meddler]:
    with meddling(books.sandbox.url) as meddler:
        books.house.settings = replace(books.house.settings, qbo_api_url=meddler.url)
        yield meddler


@pytest.fixture(autouse=True)
def _readable_again(between: Meddler, books: Books) -> Iterator[None]:
    yield
    between.change = lambda _path, body: body
    books.sync(full=True)
    assert books.differences() == []


def hide(between: Meddler, *ids: str) -> None:
    between.change = lambda _path, body: without_date(body, "Bill", *ids)


def test_a_first_listing_reads_everything_but_the_row_and_names_it(books: Books, between: Meddler) -> None:
    bill = books.bill(books.vendor("No Date"), "21.00")
    hide(between, bill)
    report = books.sync(full=True)
    assert [(each.entity, each.id) for each in report.problems] == [("bill", bill)]
    assert "TxnDate" in report.problems[0].sentence
    assert books.differences() == [f"bill {bill} is missing here"]


@pytest.mark.parametrize("place", [0, -1])
def test_it_may_be_the_first_or_the_last_of_its_page(books: Books, between: Meddler, place: int) -> None:
    bills = [row["Id"] for row in books.world("Bill")]
    chosen = sorted(bills, key=int)[place]
    hide(between, chosen)
    report = books.sync(full=True)
    assert [(each.entity, each.id) for each in report.problems] == [("bill", chosen)]
    assert books.row(facts.Bill, chosen).buried_at is None, "what we hold of it is kept, not taken for deleted"
    with books.house.database.reading(books.scope) as session:
        lines = [line.action for line in translog.lines(session, books.business.business_id)]
    assert "mirror.unread" in lines


def test_among_changes_the_others_arrive_and_the_proof_asks_for_it_again(books: Books, between: Meddler) -> None:
    vendor = books.vendor("Among Changes")
    bill = books.bill(vendor, "22.00")
    books.settle()
    books.update("Bill", bill, PrivateNote="Changed since")
    other = books.bill(vendor, "23.00")
    hide(between, bill)
    report = books.sync()
    assert (report.mode, [(each.entity, each.id) for each in report.problems]) == ("changes", [("bill", bill)])
    assert books.row(facts.Bill, other) is not None
    assert books.row(facts.Bill, bill).note is None
    assert books.prove().tied is False
    with books.house.database.reading(books.scope) as session:
        assert f"Bill (Id {bill})" in tied_of(session, books.business).words
    between.change = lambda _path, body: body
    assert books.prove().tied is True
    assert books.row(facts.Bill, bill).note == "Changed since"


def test_a_deposit_that_can_be_read_again_brings_the_payments_it_took_in(books: Books, between: Meddler) -> None:
    """The payment changed without its time moving while the deposit could not be read; nobody tells of it a second time."""
    payment = books.receipt(books.customer("Swept Unseen"))
    books.settle()
    deposit = books.deposit(("Payment", payment, "80.00"))
    between.change = lambda _path, body: without_date(body, "Deposit", deposit)
    assert [(each.entity, each.id) for each in books.sync().problems] == [("deposit", deposit)]
    books.minutes_pass()
    books.sync()  # from here on no changes tell of it
    between.change = lambda _path, body: body
    books.prove()
    assert ("deposit", deposit) in books.links(facts.Payment, payment)


def test_its_deletion_is_still_seen(books: Books, between: Meddler) -> None:
    bill = books.bill(books.vendor("Deleted Later"), "24.00")
    books.settle()
    hide(between, bill)
    books.update("Bill", bill, PrivateNote="Unreadable now")
    assert books.sync().problems != ()
    books.delete("Bill", bill)
    assert books.sync().problems == ()
    assert books.row(facts.Bill, bill).buried_at is not None


def test_where_a_whole_kind_cannot_be_read_the_format_has_changed_and_the_sync_stops(
    books: Books, between: Meddler
) -> None:
    """Books that are read without any of their bills would look fresh and be wrong."""
    before = [row.id for row in books.rows(facts.Bill)]
    hide(between, *(row["Id"] for row in books.world("Bill")))
    with pytest.raises(ContractBroken, match="TxnDate"):
        books.sync(full=True)
    assert [row.id for row in books.rows(facts.Bill)] == before, "nothing is taken for deleted"
