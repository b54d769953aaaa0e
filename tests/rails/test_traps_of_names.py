"""Names that end or become one: inactive ones stay, a merge's loser goes, and who named it names the winner (qbo.md §12)."""

import pytest

from interlock.domains.qbo.notifications import read
from interlock.kernel.scope import SystemScope
from interlock.rails import facts, inbox
from tests.rails.bookkeeping import Books
from tests.webhooks.saying import classic, entity


def merge(books: Books, kind: str, winner: str, loser: str, *, documents: str, trace: str) -> None:
    body = {"entity": kind, "winner": winner, "loser": loser, "documents": documents, "trace": trace}
    books.control("merge", body)


@pytest.mark.parametrize("documents", ["touched", "untouched"])
def test_a_merged_vendor_is_gone_and_its_bills_are_the_winners(books: Books, documents: str) -> None:
    winner, loser = books.vendor(f"Stays {documents}"), books.vendor(f"Goes {documents}")
    bill = books.bill(loser, "31.00")
    books.settle()
    merge(books, "Vendor", winner, loser, documents=documents, trace="deleted")
    books.sync()
    assert books.row(facts.Vendor, loser).buried_at is not None
    assert books.row(facts.Bill, bill).vendor_id == winner, "no time of the bill moved, and it has another vendor now"
    assert books.row(facts.Vendor, winner).balance_minor == 31_00
    assert books.differences() == []


def test_a_merge_that_leaves_no_trace_among_the_changes_is_told_by_its_notice(books: Books) -> None:
    winner, loser = books.customer("Stays, Told"), books.customer("Goes, Told")
    payment = books.receipt(loser, "12.00")
    books.settle()
    merge(books, "Customer", winner, loser, documents="untouched", trace="none")
    body = classic((books.realm, [entity("Customer", winner, "Merge", "2027-11-24T09:00:00Z", deletedId=loser)]))
    with books.house.database.writing(SystemScope("a delivery")) as session:
        inbox.receive(session, "qbo", read(body), budget=500_000, now=books.house.clock.now())
    report = books.sync()
    assert report.notices == 2, "the winner's, and the loser's"
    assert books.row(facts.Customer, loser).buried_at is not None
    assert books.row(facts.Payment, payment).customer_id == winner
    assert books.differences() == []


def test_a_merge_nobody_tells_of_is_found_by_the_proof(books: Books) -> None:
    winner, loser = books.vendor("Stays, Found"), books.vendor("Goes, Found")
    bill = books.bill(loser, "13.00")
    books.settle()
    merge(books, "Vendor", winner, loser, documents="untouched", trace="none")
    books.sync()
    assert books.row(facts.Vendor, loser).buried_at is None, "nothing said so"
    proof = books.prove()
    assert proof.tied is True
    assert proof.mended["vendor"] >= 1
    assert books.row(facts.Vendor, loser).buried_at is not None
    assert books.row(facts.Bill, bill).vendor_id == winner
    assert books.differences() == []


def test_a_merged_account_is_gone_and_its_lines_are_the_winners(books: Books) -> None:
    winner, loser = (
        str(books.create("Account", Name=f"Paper {number}", AccountType="Expense")["Id"]) for number in (1, 2)
    )
    line = {
        "Amount": "5.00",
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": loser}},
    }
    body = {"VendorRef": {"value": books.vendor("On Paper")}, "TxnDate": "2026-11-20", "Line": [line]}
    books.create("Bill", **body)
    books.settle()
    merge(books, "Account", winner, loser, documents="untouched", trace="deleted")
    books.sync()
    assert books.row(facts.Account, loser).buried_at is not None
    assert books.differences() == []


def test_an_inactive_name_stays_with_its_documents(books: Books) -> None:
    vendor = books.vendor("Falls Asleep")
    bill = books.bill(vendor, "21.00")
    books.settle()
    books.update("Vendor", vendor, Active=False)
    books.sync()
    asleep = books.row(facts.Vendor, vendor)
    assert (asleep.active, asleep.buried_at) == (False, None)
    assert asleep.name.endswith("(deleted)"), "QuickBooks says so in the name, and it is not deleted"
    assert books.row(facts.Bill, bill).buried_at is None
    books.sync(full=True)
    assert books.row(facts.Vendor, vendor).buried_at is None, "a listing shows inactive ones only when asked to"
    assert books.differences() == []


def test_a_name_that_wakes_up_again_is_active(books: Books) -> None:
    vendor = books.vendor("Wakes Up")
    books.update("Vendor", vendor, Active=False)
    books.sync()
    books.update("Vendor", vendor, Active=True, DisplayName="Wakes Up")
    books.sync()
    assert (books.row(facts.Vendor, vendor).active, books.row(facts.Vendor, vendor).name) == (True, "Wakes Up")
    assert books.differences() == []
