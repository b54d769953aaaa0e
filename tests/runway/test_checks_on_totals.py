"""Sums held against the ledger's own: the control accounts (X15) and QuickBooks' counts and reports (X16)."""

from datetime import date

from interlock.rails.totals import Difference
from interlock.runway.services.calculators.books import Books, ControlAccount, ControlEntry, Proof
from tests.runway.entries import books, found

PAYABLE = "Accounts Payable"


def control(book: int, subledger: int, *entries: ControlEntry) -> Books:
    return books(control=(ControlAccount(PAYABLE, "3", "Accounts Payable (A/P)", book, subledger, entries),))


def entry(id_: str, cents: int) -> ControlEntry:
    return ControlEntry(id_, f"AJ-{id_}", date(2026, 10, 27), cents)


def proof(*located: Difference) -> Books:
    return books(
        proof=Proof(
            report_date=date(2026, 11, 24),
            counts={},
            counts_here={},
            payables_minor=0,
            payables_here_minor=0,
            receivables_minor=0,
            receivables_here_minor=0,
            located=located,
        )
    )


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


def test_each_difference_is_named_where_it_lies() -> None:
    shelf = proof(
        Difference("count", "journal_entry", "journal entry", 12, 11),
        Difference("vendor", "31", "Alder Supply", 120_00, 119_99),
        Difference("customer", "8", "Birch & Co:Garden", 5_00, 0),
        Difference("account", "35", "Checking", 1_201_00, 1_200_00),
        Difference("side", "receivables", "receivables", 900_00, 900_01),
    )
    said = {finding.subject.kind + " " + finding.subject.id: finding for finding in found(shelf, "X16")}
    assert {name: finding.title for name, finding in said.items()} == {
        "ledger journal_entry": "QuickBooks has 12 rows of journal entry, we hold 11",
        "vendor 31": "QuickBooks' aging owes Alder Supply 120.00, ours 119.99",
        "customer 8": "QuickBooks' aging has 5.00 from Birch & Co:Garden, ours 0.00",
        "account 35": "Checking stands at 1,201.00 on QuickBooks' balance sheet, at 1,200.00 here",
        "ledger receivables": "Receivables are 900.00 in QuickBooks' aging, 900.01 in ours",
    }
    assert said["vendor 31"].stake.minor == 1
    assert said["vendor 31"].link is not None and "31" in said["vendor 31"].link
    assert all(finding.severity == "critical" for finding in said.values())


def test_a_row_that_quickbooks_fails_to_show_is_named_with_what_helps() -> None:
    sentence = (
        "QuickBooks fails whenever Bill 77 is asked for (its error 10000); everything else was read. Save it there."
    )
    (finding,) = found(proof(Difference("row", "bill:77", sentence, 1, 0)), "X16")
    assert finding.title == "QuickBooks fails whenever Bill 77 is asked for (its error 10000)"
    assert finding.fix == "Open it in QuickBooks and save it"


def test_a_flood_of_differences_leaves_the_tray_readable() -> None:
    many = [Difference("vendor", str(n), f"Vendor {n}", n, 0) for n in range(1, 101)]
    said = found(proof(*many), "X16")
    assert len(said) == 21
    assert "And 80 more differences to QuickBooks" in [finding.title for finding in said]
