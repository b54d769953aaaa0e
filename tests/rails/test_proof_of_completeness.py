"""A business is tied when QuickBooks' own counts, agings and balance sheet equal ours; else the difference is mended or located."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from interlock.domains.firm.models import LedgerProof
from interlock.infra import translog
from interlock.rails import facts, meter
from interlock.rails.errors import ContractBroken
from interlock.rails.totals import Difference
from interlock.runway.services.data_orchestrators.proof_snapshot import tied_of
from tests.rails.bookkeeping import Books
from tests.rails.meddler import Meddler, meddling


@pytest.fixture(scope="module")
def between(books: Books) -> Iterator[Meddler]:
    with meddling(books.sandbox.url) as meddler:
        books.house.settings = replace(books.house.settings, qbo_api_url=meddler.url)
        yield meddler


@pytest.fixture(autouse=True)
def _honest(between: Meddler, books: Books) -> Iterator[None]:
    yield
    between.change = lambda _path, body: body
    books.sandbox.control("POST", "quirks", {"report_cuts": 0, "report_language": "en"})


def tied(books: Books) -> Any:
    with books.house.database.reading(books.scope) as session:
        return tied_of(session, books.business)


def last_line(books: Books) -> tuple[str, dict[str, Any]]:
    with books.house.database.reading(books.scope) as session:
        said = [
            line for line in translog.lines(session, books.business.business_id) if line.action.startswith("ledger.")
        ]
    return said[-1].action, json.loads(said[-1].body)


def test_a_full_sync_is_followed_by_a_proof_that_ties_every_kind_party_and_account(books: Books) -> None:
    books.sync(full=True)
    with books.house.database.reading(books.scope) as session:
        proof = session.get_one(LedgerProof, books.business.business_id)
        counts, balances = json.loads(proof.counts), json.loads(proof.balances)
    assert counts == json.loads(proof.counts_here)
    assert len(counts) == 17, "every kind but the settings, which are one"
    assert balances == json.loads(proof.balances_here)
    kinds = {row.kind for row in books.rows(facts.Account) if row.id in balances}
    assert {"Bank", "Accounts Payable", "Accounts Receivable"} <= kinds, "control and bank accounts are held against it"
    assert tied(books).tied is True
    assert any("Equity" in sentence for sentence in tied(books).left_out)
    action, body = last_line(books)
    assert action == "ledger.proved"
    assert body["rows"] == sum(counts.values())


def test_a_proof_costs_a_batch_of_counts_three_reports_and_two_looks_at_the_changes(books: Books) -> None:
    books.settle()
    proof = books.prove()
    assert (proof.tied, proof.rounds) == (True, 1)
    assert (proof.calls, proof.metered) == (6, 17 + 3 + 2)


@pytest.mark.parametrize(
    ("kind", "what"),
    [(facts.Bill, "balance_minor"), (facts.Invoice, "balance_minor"), (facts.Account, "balance_minor")],
)
def test_a_cent_that_is_wrong_here_is_found_and_mended(books: Books, kind: type[facts.Fact], what: str) -> None:
    books.settle()
    row = next(each for each in books.rows(kind) if getattr(each, what) and each.currency == "USD")
    books.spoil(kind, row.id, **{what: getattr(row, what) + 1})
    proof = books.prove()
    assert proof.tied is True
    assert proof.mended[kind.entity] >= 1
    assert getattr(books.row(kind, row.id), what) == getattr(row, what)
    assert books.differences() == []


def test_a_row_that_is_missing_here_is_found_by_its_count_and_read(books: Books) -> None:
    books.settle()
    row = books.rows(facts.Purchase)[0]
    books.spoil(facts.Purchase, row.id, buried_at=books.house.clock.now())
    proof = books.prove()
    assert proof.tied is True
    assert proof.mended == {"purchase": 1}
    assert books.row(facts.Purchase, row.id).buried_at is None


def test_a_row_too_many_is_found_by_its_count_and_buried(books: Books) -> None:
    bill = books.bill(books.vendor("Too Many"), "19.00")
    books.settle()
    books.delete("Bill", bill)
    books.sync()
    books.spoil(facts.Bill, bill, buried_at=None)
    proof = books.prove()
    assert proof.tied is True
    assert books.row(facts.Bill, bill).buried_at is not None


def test_one_missing_and_one_too_many_leave_the_count_right_and_are_found_all_the_same(books: Books) -> None:
    vendor = books.vendor("Even Count")
    gone, hidden = books.bill(vendor, "20.00"), books.bill(vendor, "21.00")
    books.settle()
    books.delete("Bill", gone)
    books.sync()
    books.spoil(facts.Bill, gone, buried_at=None)
    books.spoil(facts.Bill, hidden, buried_at=books.house.clock.now())
    proof = books.prove()
    assert proof.tied is True
    assert books.row(facts.Bill, hidden).buried_at is None
    assert books.differences() == []


def off_by_a_cent(report: str) -> Any:
    """Adds a cent to the report's first row with an id."""

    def change(path: str, body: bytes) -> bytes:
        if f"/reports/{report}" not in path:
            return body
        said = json.loads(body, parse_float=str)
        _add_a_cent(said["Rows"]["Row"])
        return json.dumps(said).encode()

    return change


def _add_a_cent(rows: list[dict[str, Any]]) -> bool:
    for row in rows:
        cells = row.get("ColData", [])
        if cells and cells[0].get("id") and cells[-1]["value"]:
            cells[-1]["value"] = f"{Decimal(cells[-1]['value']) + Decimal('0.01')}"
            return True
        if _add_a_cent(row.get("Rows", {}).get("Row", [])):
            return True
    return False


@pytest.mark.parametrize(
    ("report", "what"), [("AgedPayables", "vendor"), ("AgedReceivables", "customer"), ("BalanceSheet", "account")]
)
def test_what_reading_again_does_not_mend_is_not_tied_and_located(
    books: Books, between: Meddler, report: str, what: str
) -> None:
    books.settle()
    between.change = off_by_a_cent(report)
    proof = books.prove()
    assert proof.tied is False
    located = [each for each in proof.located if each.what == what]
    assert [each.theirs - each.ours for each in located] == [1]
    view = tied(books)
    assert view.tied is False
    assert view.words.startswith("Not tied: ")
    assert [each.off_by.amount for each in view.differences if each.what == what] == ["-0.01"]
    action, body = last_line(books)
    assert (action, body["tied"]) == ("ledger.not_tied", False)
    assert [what, located[0].id, located[0].theirs, located[0].ours] in body["located"]
    between.change = lambda _path, body: body
    assert books.prove().tied is True
    assert tied(books).tied is True, "tied again as soon as it is"


def test_a_kind_that_quickbooks_counts_otherwise_than_it_lists_is_named(books: Books, between: Meddler) -> None:
    books.settle()

    def one_more(path: str, body: bytes) -> bytes:
        if not path.partition("?")[0].endswith("/batch"):
            return body
        said = json.loads(body, parse_float=str)
        for item in said["BatchItemResponse"]:
            if item["bId"] == "Transfer":
                item["QueryResponse"]["totalCount"] += 1
        return json.dumps(said).encode()

    between.change = one_more
    held = len(books.rows(facts.Transfer))
    assert books.prove().located == (Difference("count", "transfer", "transfer", held + 1, held),)


def test_edits_between_the_reads_fake_no_difference(books: Books, between: Meddler) -> None:
    vendor = books.vendor("Edited Meanwhile")
    books.settle()
    edits = iter(["1.00", "2.00"])

    def edit(path: str, body: bytes) -> bytes:
        if "/reports/AgedPayables" in path and (amount := next(edits, None)) is not None:
            books.bill(vendor, amount)
        return body

    between.change = edit
    proof = books.prove()
    assert (proof.tied, proof.rounds) == (True, 3), "twice the books moved, and it was all taken anew"
    assert proof.mended == {}, "an edit is no difference"


def test_books_that_never_stand_still_prove_nothing_and_the_proof_before_stands(books: Books, between: Meddler) -> None:
    vendor = books.vendor("Restless")
    books.settle()
    before = tied(books)

    def edit(path: str, body: bytes) -> bytes:
        if "/reports/AgedPayables" in path:
            books.bill(vendor, "1.00")
        return body

    between.change = edit
    proof = books.prove()
    assert proof.tied is None
    assert tied(books) == before
    assert last_line(books)[0] == "ledger.proof_put_off"


def test_a_report_in_french_says_the_same(books: Books) -> None:
    books.sandbox.control("POST", "quirks", {"report_language": "fr"})
    assert books.prove().tied is True


def test_a_report_that_was_cut_short_proves_nothing(books: Books) -> None:
    books.sandbox.control("POST", "quirks", {"report_cuts": None})
    before = tied(books)
    with pytest.raises(ContractBroken, match="cut its report"):
        books.prove()
    assert tied(books) == before
    report = books.sync(full=True)
    assert report.mode == "full", "what was read is kept, whether or not it can be proved now"
    assert last_line(books)[0] == "ledger.proof_failed"


def test_a_balance_sheet_of_another_day_is_not_compared(books: Books, between: Meddler) -> None:
    def other_day(path: str, body: bytes) -> bytes:
        if "/reports/BalanceSheet" not in path:
            return body
        said = json.loads(body, parse_float=str)
        said["Header"]["EndPeriod"] = "2020-01-31"
        return json.dumps(said).encode()

    between.change = other_day
    assert books.prove().tied is True
    with books.house.database.reading(books.scope) as session:
        assert json.loads(session.get_one(LedgerProof, books.business.business_id).balances) == {}
    assert any("balance sheet" in sentence for sentence in tied(books).left_out)


def test_reads_are_counted_whatever_ends_the_work(books: Books) -> None:
    def used() -> int:
        with books.house.database.reading(books.scope) as session:
            month = meter.month_of(books.house.clock.now())
            return meter.used(session, books.scope.firm_id, "qbo", month)

    before = used()
    report = books.sync()
    assert used() - before == report.metered
    before = used()
    proof = books.prove()
    assert used() - before == proof.metered
    books.sandbox.control("POST", "quirks", {"report_cuts": 1})
    before = used()
    with pytest.raises(ContractBroken):
        books.prove()
    assert used() - before > 0
