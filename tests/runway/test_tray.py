"""What is wrong in the books: read from the mirror, every open document examined, nothing hidden by age."""

import json
from datetime import date

from interlock.rails import facts
from interlock.runway.services.experiences.tray import TrayExperience
from tests.runway import said
from tests.runway.conftest import ClientBooks, FirmBooks


def tray(client: ClientBooks) -> TrayExperience:
    with client.firm.desk.reading(client.name) as desk:
        return desk.tray.get_tray_experience()


def rules(client: ClientBooks) -> list[tuple[str, str, str]]:
    return sorted(
        (finding.rule, finding.subject.kind, finding.subject.id)
        for group in tray(client).groups
        for finding in group.findings
    )


def test_tidy_books_have_no_findings_and_the_tray_says_what_it_looked_at(client: ClientBooks) -> None:
    client.say(*said.chart(payable=100_00, receivable=50_00), said.bill("1", 100_00), said.invoice("2001", 50_00))
    shown = tray(client)
    assert shown.groups == ()
    assert shown.say == "No findings: 1 open bill, 1 open invoice looked at, just now."
    assert str(shown.clean_dollars.payables.percent) == "100.0"


def test_documents_come_with_their_findings_and_others_stand_apart(client: ClientBooks) -> None:
    client.say(
        *said.chart(payable=100_00, receivable=50_00),
        said.bill("1", 100_00, due=None, account_id=said.ASK),
        said.invoice("2001", 50_00, status="NotSet"),
        said.payment("71", 80_00, dated=date(2026, 11, 2), into=said.FUNDS),
    )
    shown = json.loads(tray(client).model_dump_json())
    (bill,), (invoice,), (other,) = shown["bills_with_issues"], shown["invoices_with_issues"], shown["other_findings"]
    assert [finding["rule"] for finding in bill["findings"]] == ["B01", "B15"]
    assert (bill["severity"], bill["at_stake"]["amount"]) == ("high", "100.00")
    assert [finding["rule"] for finding in invoice["findings"]] == ["A02"]
    assert (other["rule"], other["subject"]["kind"], other["at_stake"]["amount"]) == ("C01", "payment", "80.00")
    assert shown["sync_status"]["bills_last_sync"] == "2026-11-24T17:00:00Z"
    assert shown["say"] == "4 findings touch 230.00. 2 stop money today."


def test_a_deposit_that_takes_a_payment_settles_it_and_a_deleted_one_does_not(client: ClientBooks) -> None:
    waiting = said.payment("71", 80_00, into=said.FUNDS)
    client.say(*said.chart(), waiting, said.deposit("81", 80_00, "71"))
    assert rules(client) == []
    client.delete(facts.Deposit, "81")
    assert rules(client) == [("C01", "payment", "71")]


def test_a_duplicate_of_a_bill_paid_a_year_ago_is_found_and_one_deleted_since_is_not(client: ClientBooks) -> None:
    client.say(
        *said.chart(payable=126_00),
        said.bill("3", 126_00, number="88-120", dated=date(2025, 12, 30), open_cents=0),
        said.bill("12", 126_00, number="88120"),
    )
    assert rules(client) == [("B05", "bill", "12")]
    client.delete(facts.Bill, "3")
    assert rules(client) == []


def test_an_open_bill_has_no_age_limit(client: ClientBooks) -> None:
    client.say(*said.chart(payable=100_00), said.bill("1", 100_00, dated=date(2019, 1, 2), due=None))
    assert rules(client) == [("B01", "bill", "1")]


def test_a_voided_bill_is_no_bill_for_nothing(client: ClientBooks) -> None:
    client.say(said.bill("1", 0, voided=True), said.bill("2", 0))
    assert rules(client) == [("B13", "bill", "2")]


def test_a_check_near_a_bill_is_questioned_unless_it_is_linked_to_it(client: ClientBooks) -> None:
    client.say(
        *said.chart(payable=100_00), said.bill("1", 100_00), said.purchase("61", 100_00, dated=date(2026, 11, 9))
    )
    assert rules(client) == [("B09", "bill", "1")]
    client.say(said.purchase("61", 100_00, dated=date(2026, 11, 9), pays="1"))
    assert rules(client) == []


def test_the_closing_date_is_the_companys_own_setting(client: ClientBooks) -> None:
    client.say(*said.chart(payable=100_00), said.bill("1", 100_00, dated=date(2026, 7, 31)))
    assert rules(client) == []
    client.say(said.preferences(closed_through=date(2026, 7, 31)))
    assert rules(client) == [("B10", "bill", "1")]


def test_a_journal_entry_to_payables_shows_until_it_is_paid(client: ClientBooks) -> None:
    entry = said.journal("91", 25_00, account_id=said.PAYABLE, posting="Credit", party_id="v1")
    client.say(*said.chart(payable=125_00), said.bill("1", 100_00), entry)
    assert rules(client) == [("X15", "journal_entry", "91")]
    check = said.bill_payment("92", 25_00, "91")
    to_the_entry = facts.Link(0, "journal_entry", "91", 25_00)
    client.say(
        *said.chart(payable=100_00),
        facts.BillPayment(
            **{name: getattr(check, name) for name in check.__struct_fields__} | {"links": (to_the_entry,)}
        ),
    )
    assert rules(client) == []


def test_a_cent_on_the_control_account_that_nothing_explains_is_found(client: ClientBooks) -> None:
    client.say(*said.chart(payable=100_01, receivable=50_00), said.bill("1", 100_00), said.invoice("2001", 50_00))
    assert rules(client) == [("X15", "account", said.PAYABLE)]


def test_credits_and_unapplied_payments_are_part_of_what_ties(client: ClientBooks) -> None:
    client.say(
        *said.chart(payable=60_00, receivable=20_00),
        said.vendor("v2", "Kestrel Software"),
        said.bill("1", 100_00),
        said.vendor_credit("41", 40_00, vendor_id="v2"),
        said.customer("c2", "Tallow & Reed"),
        said.invoice("2001", 50_00),
        said.payment("71", 30_00, unapplied=30_00, customer_id="c2"),
    )
    assert rules(client) == []


def test_a_mirror_that_differs_from_quickbooks_stops_everything_being_called_tied(client: ClientBooks) -> None:
    client.prove(payables=(0, 1), counts=('{"bill": 2}', '{"bill": 1}'))
    assert rules(client) == [("X16", "ledger", "bill"), ("X16", "ledger", "payables")]
    assert tray(client).groups[0].severity == "critical"


def test_before_the_first_reading_nothing_is_claimed(firm: FirmBooks) -> None:
    shown = tray(firm.take_on("Brand New"))
    assert shown.say == "The books were never read, so nothing can be said of them yet."
    assert shown.sync_status.stale


def test_books_not_read_for_hours_are_called_stale(client: ClientBooks) -> None:
    client.firm.wait(hours=5)
    assert (tray(client).sync_status.stale, tray(client).sync_status.words) == (True, "5 h ago")
