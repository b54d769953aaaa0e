"""The digest repeats what tray and console say, tells what changed, what can't be proved, and where the log stands."""

import json
from datetime import date

from interlock.domains.firm.annotations import Annotation
from interlock.rails import facts
from interlock.runway.services.experiences.digest import DigestExperience
from tests.runway import said
from tests.runway.conftest import ACTOR, ClientBooks, FirmBooks


def digest(client: ClientBooks) -> DigestExperience:
    with client.firm.desk.reading(client.name) as desk:
        return desk.digest.get_digest_experience()


def words(client: ClientBooks) -> list[str]:
    return [change.words for change in digest(client).changes]


def test_its_counts_and_sums_are_those_of_tray_and_console(client: ClientBooks) -> None:
    client.say(
        *said.chart(cash=900_00),
        said.bill("1", 100_00),
        said.bill("2", 200_00, due=None),
        said.bill("3", 70_00, currency="EUR"),
        said.invoice("2001", 50_00),
        said.invoice("2002", 60_00, status="NotSet"),
    )
    with client.firm.desk.reading(client.name) as desk:
        letter = desk.digest.get_digest_experience()
        tray, console = desk.tray.get_tray_experience(), desk.console.get_console_experience()
    assert letter.hygiene_summary.bills_with_issues_count == len(tray.bills_with_issues) == 1
    assert letter.hygiene_summary.invoices_with_issues_count == len(tray.invoices_with_issues) == 1
    assert letter.hygiene_summary.other_findings_count == len(tray.other_findings)
    assert letter.decision_summary.bills_ready_count == len(console.bills_ready) == 2
    assert letter.decision_summary.invoices_ready_count == len(console.invoices_ready) == 1
    assert letter.decision_summary.bills_ready.amount == console.ready.amount
    assert letter.current_balances.book_cash.amount.amount == "900.00"
    assert letter.hygiene_data.model_dump() == {
        name: value for name, value in tray.model_dump().items() if name in letter.hygiene_data.model_dump()
    }


def test_the_seeds_keys_are_in_the_json(client: ClientBooks) -> None:
    data = json.loads(digest(client).model_dump_json())
    assert data["hygiene_summary"]["bills_with_issues_count"] == 0
    assert data["decision_summary"]["invoices_ready_count"] == 0
    assert {"bills_with_issues", "invoices_with_issues", "sync_status"} <= data["hygiene_data"].keys()
    assert {"bills_ready", "invoices_ready", "sync_status"} <= data["decision_data"].keys()
    assert data["current_balances"]["book_cash"]["amount"] == {"amount": "0.00", "currency": "USD"}


def test_it_prints_the_head_of_the_log_it_was_made_from(client: ClientBooks) -> None:
    with client.firm.desk.reading(client.name) as desk:
        head, letter = desk.log.head(), desk.digest.get_digest_experience()
    assert letter.chain == head
    assert letter.seal.replace(" ", "") == head.hash[:16]


def test_what_people_wrote_and_what_quickbooks_lost_is_told_with_its_log_line(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00), said.bill("2", 100_00, vendor_id="v1"))
    with client.firm.desk.writing(client.name) as desk:
        hold = Annotation(hold_reason="not delivered", held_until=date(2026, 12, 2), note="call Tuesday")
        desk.bills.annotate("1", hold, actor=ACTOR)
    client.delete(facts.Bill, "2")
    changes = digest(client).changes
    assert "Bill N-1 of Copperfield Freight: held until 2 Dec, not delivered; note written." in words(client)
    assert "Bill N-2 of Copperfield Freight was deleted in QuickBooks." in words(client)
    with client.firm.desk.reading(client.name) as desk:
        written = {line.seq: line.action for line in desk.log.get_log_experience().lines}
    held = next(change for change in changes if "held" in change.words)
    assert (held.actor, written[held.log_line]) == (ACTOR, "bill.annotated")


def test_readings_of_a_week_make_one_sentence_and_older_ones_none(client: ClientBooks) -> None:
    client.firm.wait(days=8)
    client.say(said.bill("1", 100_00), said.invoice("2001", 50_00))
    client.say(said.bill("2", 100_00))
    readings = [each for each in words(client) if each.startswith("QuickBooks was read")]
    assert readings == ["QuickBooks was read 2 times: 2 bills and 1 invoice new or changed."]
    assert not any("taken on" in each for each in words(client)), "that was eight days ago"


def test_what_cannot_be_proved_is_said(client: ClientBooks) -> None:
    client.say(*said.chart(payable=5_00), said.bill("7", 70_00, currency="EUR"))
    client.firm.wait(days=1)
    unproven = " ".join(digest(client).unproven)
    assert "last read 24 h ago" in unproven
    assert "never held against QuickBooks" in unproven
    assert "Accounts Payable (A/P) is off its open bills by" in unproven
    assert "no bank is linked" in unproven
    assert "1 open document in EUR" in unproven


def test_the_next_steps_come_by_their_day(client: ClientBooks) -> None:
    client.say(
        said.bill("1", 10_00, due=date(2026, 11, 20)),
        said.bill("2", 20_00, due=date(2026, 11, 27)),
        said.bill("3", 30_00, due=date(2026, 12, 20)),
        said.invoice("2001", 50_00),
    )
    steps = [(step.by, step.words, step.total.amount.amount) for step in digest(client).next_steps]
    assert steps == [
        (said.TODAY, "Decide on what is due today or overdue: 1 bill", "10.00"),
        (said.TODAY, "Chase 1 overdue invoice", "50.00"),
        (date(2026, 11, 27), "Decide on what falls due by 1 Dec: 1 bill", "20.00"),
    ]


def test_before_the_first_reading_there_is_nothing_to_report(firm: FirmBooks) -> None:
    assert digest(firm.take_on("Brand New")).say == "The books were never read, so there is nothing to report yet."
