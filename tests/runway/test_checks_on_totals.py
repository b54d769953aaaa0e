"""Sums held against the ledger's own: the control accounts (X15) and QuickBooks' counts and reports (X16)."""

from datetime import date
from typing import Any

from interlock.runway.services.calculators.books import Books, ControlAccount, ControlEntry, Proof
from tests.runway.entries import books, found

PAYABLE = "Accounts Payable"


def control(book: int, subledger: int, *entries: ControlEntry) -> Books:
    return books(control=(ControlAccount(PAYABLE, "3", "Accounts Payable (A/P)", book, subledger, entries),))


def entry(id_: str, cents: int) -> ControlEntry:
    return ControlEntry(id_, f"AJ-{id_}", date(2026, 10, 27), cents)


def proof(**more: Any) -> Books:
    said: dict[str, Any] = {
        "counts": {"bill": 12, "journal_entry": 3},
        "counts_here": {"bill": 12, "journal_entry": 3},
        "payables_minor": 500_00,
        "payables_here_minor": 500_00,
        "receivables_minor": 900_00,
        "receivables_here_minor": 900_00,
        **more,
    }
    return books(proof=Proof(report_date=date(2026, 11, 24), **said))


def test_books_that_tie_have_no_finding() -> None:
    assert found(control(700_00, 700_00), "X15") == []


def test_a_journal_entry_straight_to_payables_is_named() -> None:
    (finding,) = found(control(820_00, 700_00, entry("15", 120_00)), "X15")
    assert (finding.subject.kind, finding.subject.id, finding.stake.minor) == ("journal_entry", "15", 120_00)
    assert finding.link is not None and "journal%3FtxnId%3D15" in finding.link


def test_entries_that_undo_each_other_leave_the_account_tied() -> None:
    assert found(control(700_00, 700_00, entry("15", 120_00), entry("16", -120_00)), "X15") == []


def test_an_entry_paid_since_is_not_named_beside_the_one_that_stands() -> None:
    shelf = control(710_00, 700_00, entry("15", 0), entry("16", 10_00))
    assert [finding.subject.id for finding in found(shelf, "X15")] == ["16"]


def test_one_cent_that_no_entry_explains_is_located_on_the_account() -> None:
    shelf = control(820_01, 700_00, entry("15", 120_00))
    by_kind = {finding.subject.kind: finding for finding in found(shelf, "X15")}
    assert by_kind["account"].stake.minor == 1
    assert "journal entries don't explain 0.01 of it" in by_kind["account"].reason


def test_the_mirror_that_equals_quickbooks_has_no_finding_and_neither_has_one_never_proved() -> None:
    assert found(proof(), "X16") == []
    assert found(books(), "X16") == []


def test_a_row_too_few_and_a_cent_too_much_are_each_critical() -> None:
    shelf = proof(counts_here={"bill": 11, "journal_entry": 3}, receivables_here_minor=900_01)
    said = {finding.subject.id: finding for finding in found(shelf, "X16")}
    assert set(said) == {"bill", "receivables"}
    assert said["bill"].title == "QuickBooks has 12 rows of bill, we hold 11"
    assert said["receivables"].title == "Receivables are off QuickBooks by 0.01"
    assert said["receivables"].stake.minor == 1
    assert all(finding.severity == "critical" for finding in said.values())


def test_an_entity_quickbooks_counts_and_we_lack_altogether_shows() -> None:
    assert [finding.subject.id for finding in found(proof(counts={"transfer": 2}), "X16")] == ["transfer"]
