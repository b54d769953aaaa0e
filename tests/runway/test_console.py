"""What needs deciding: every open bill is ready or blocked, and a blocked one says why."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.domains.firm.annotations import Annotation
from interlock.kernel.errors import NotFound
from interlock.kernel.money import Money
from interlock.rails import facts
from interlock.runway.services.experiences.console import ConsoleExperience
from tests.runway import said
from tests.runway.conftest import ACTOR, ClientBooks, FirmBooks


def console(client: ClientBooks) -> ConsoleExperience:
    with client.firm.desk.reading(client.name) as desk:
        return desk.console.get_console_experience()


def test_bills_are_grouped_by_the_pay_run_whose_money_arrives_by_the_due_date(client: ClientBooks) -> None:
    client.say(
        said.bill("1", 10_00, due=date(2026, 11, 20)),
        said.bill("2", 20_00, due=date(2026, 11, 24)),
        said.bill("3", 30_00, due=date(2026, 11, 27)),
        said.bill("4", 40_00, due=date(2026, 11, 30)),
        said.bill("5", 50_00, due=date(2026, 12, 3)),
        said.bill("6", 60_00, due=None),
        said.bill("7", 70_00, due=date(2026, 11, 20), currency="EUR"),
    )
    shown = console(client)
    assert [(group.label, [bill.id for bill in group.bills]) for group in shown.groups] == [
        ("Pay run Tue 24 Nov", ["1", "2", "3"]),
        ("Pay run Wed 25 Nov", ["4"]),  # Thursday is Thanksgiving
        ("Pay run Tue 1 Dec", ["5"]),
        ("No due date", ["6"]),
        ("In EUR, outside the totals", ["7"]),
    ]
    first = shown.groups[0]
    assert (first.run, first.note) == (date(2026, 11, 24), "decide by 4:00 pm today")
    assert shown.groups[2].note == "decide by 4:00 pm, Tue 1 Dec"


def test_a_long_group_is_shown_in_parts_and_its_totals_stay_whole(client: ClientBooks) -> None:
    cents = [100_00 + at * 37_77 for at in range(130)]
    client.say(*(said.bill(str(at), each) for at, each in enumerate(cents)))
    (group,) = console(client).groups
    assert (len(group.bills), group.count, group.next_offset) == (60, 130, 60)
    assert (group.ready.rows, group.ready.amount.money.minor) == (130, sum(cents))
    with client.firm.desk.reading(client.name) as desk:
        (rest,) = desk.console.get_console_experience(run=group.key, offset=60, most=100).groups
    assert (len(rest.bills), rest.offset, rest.next_offset) == (70, 60, None)
    assert not {bill.id for bill in rest.bills} & {bill.id for bill in group.bills}


def test_views_are_narrowed_and_counted(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00, due=None), said.bill("2", 200_00), said.bill("3", 9_000_00))
    assert {view.name: view.count for view in console(client).shows} == {
        "Open": 3,
        "Blocked": 1,
        "Needs second person": 0,
        "Over limit": 1,
        "Changed after approval": 0,
        "Snoozed": 0,
    }
    with client.firm.desk.reading(client.name) as desk:
        assert [bill.id for bill in desk.console.get_console_experience("over").bills] == ["3"]
        assert [bill.id for bill in desk.console.get_console_experience("blocked").bills] == ["1"]


def test_a_foreign_bill_can_be_decided_on_but_is_in_no_total_at_home(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00), said.bill("7", 70_00, currency="EUR"), said.bill("8", 5_00, currency="EUR"))
    shown = console(client)
    assert len(shown.bills_ready) == 3
    assert (shown.ready.amount.amount, shown.ready.rows) == ("100.00", 1)
    (apart,) = shown.ready.excluded
    assert (apart.amount.amount, apart.amount.currency, apart.rows) == ("75.00", "EUR", 2)
    assert "100.00 and EUR 75.00" in shown.say


def test_a_blocked_bill_is_shown_with_its_reason_and_never_hidden(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00, due=None), said.bill("2", 200_00))
    shown = console(client)
    assert [bill.id for bill in shown.bills_ready] == ["2"]
    (blocked,) = shown.bills_blocked
    assert blocked.blocked is not None and blocked.blocked.startswith("B01 missing due date")
    assert shown.blocked.amount.amount == "100.00"
    assert [bill.id for bill in shown.bills] == ["2", "1"]


def test_medium_findings_and_unused_credits_stay_decidable_and_are_shown(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00, number=None), said.vendor_credit("41", 60_00))
    (ready,) = console(client).bills_ready
    assert [finding.rule for finding in ready.findings] == ["B22", "B04"]
    assert ready.blocked is None


def test_a_hold_takes_a_bill_out_until_its_day_comes(client: ClientBooks) -> None:
    client.say(said.bill("1", 100_00))
    with client.firm.desk.writing(client.name) as desk:
        held = desk.bills.annotate(
            "1", Annotation(hold_reason="not delivered", held_until=date(2026, 12, 2)), actor=ACTOR
        )
    assert held.blocked == "Held until 2 Dec: not delivered"
    (blocked,) = console(client).bills_blocked
    assert (blocked.held, blocked.blocked) == (True, "Held until 2 Dec: not delivered")
    client.firm.wait(days=8)
    assert [bill.id for bill in console(client).bills_ready] == ["1"], "on its last day a hold is over"


def test_what_is_deleted_voided_or_paid_is_not_open(client: ClientBooks) -> None:
    client.say(
        said.bill("1", 100_00),
        said.bill("2", 0, voided=True),
        said.bill("3", 300_00, open_cents=0),
        said.bill("4", 400_00),
    )
    client.delete(facts.Bill, "4")
    shown = console(client)
    assert [bill.id for bill in (*shown.bills_ready, *shown.bills_blocked)] == ["1"]


def test_overdue_invoices_are_ready_to_chase_unless_something_is_wrong_with_them(client: ClientBooks) -> None:
    client.say(
        said.customer("c2", "Tallow & Reed"),
        said.invoice("2001", 100_00),
        said.invoice("2002", 200_00, due=date(2026, 12, 1)),
        said.invoice("2003", 300_00, status="NotSet"),
        said.invoice("2004", 400_00, customer_id="c2", customer_name="Tallow & Reed"),
        said.payment("71", 50_00, unapplied=50_00, customer_id="c2"),
        said.invoice("2005", 500_00, due=None),
    )
    shown = console(client)
    assert {invoice.id: invoice.days_late for invoice in shown.invoices_ready} == {"2001": 24, "2005": 54}
    assert {invoice.id: (invoice.blocked or "")[:3] for invoice in shown.invoices_blocked} == {
        "2003": "A02",
        "2004": "A05",
    }
    assert [invoice.id for invoice in shown.invoices_not_due] == ["2002"]


def test_before_the_first_reading_the_console_says_so(firm: FirmBooks) -> None:
    assert console(firm.take_on("Brand New")).say == "The books were never read, so there is nothing to decide on yet."


def test_the_seeds_keys_are_in_the_json_and_money_is_exact_text(client: ClientBooks) -> None:
    client.say(said.bill("1", 1234_50), said.invoice("2001", 7))
    with client.firm.desk.reading(client.name) as desk:
        data = json.loads(desk.decisions.get_decision_data().model_dump_json())
    told = json.loads(console(client).model_dump_json())
    assert told["groups"][0]["bills"][0]["balance"] == {"amount": "1234.50", "currency": "USD"}
    assert data["bills_ready"][0]["balance"] == {"amount": "1234.50", "currency": "USD"}
    assert data["invoices_ready"][0]["balance"]["amount"] == "0.07"
    assert data["sync_status"]["bills_last_sync"] == "2026-11-24T17:00:00Z"
    assert data["sync_status"]["invoices_last_sync"] == "2026-11-24T17:00:00Z"


def test_a_business_nobody_knows_is_not_found(client: ClientBooks) -> None:
    with pytest.raises(NotFound, match="no business 'harbour'"), client.firm.desk.reading("harbour"):
        pass


amounts = st.lists(
    st.tuples(
        st.integers(1, 10_000_00),
        st.sampled_from([None, date(2026, 11, 1), date(2026, 11, 24), date(2027, 1, 5)]),
        st.sampled_from(["USD", "USD", "EUR"]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts)
def test_ready_and_blocked_are_all_that_is_open_and_the_groups_sum_to_them(
    client: ClientBooks, rows: list[tuple[int, date | None, str, bool]]
) -> None:
    bills = [
        said.bill(str(at), cents, due=due, currency=currency, number=f"N{at}" if numbered else None)
        for at, (cents, due, currency, numbered) in enumerate(rows)
    ]
    client.say(*bills, *(said.bill(str(at), 1_00, open_cents=0) for at in range(len(rows), 12)))
    shown = console(client)
    assert {bill.id for bill in shown.bills_ready} | {bill.id for bill in shown.bills_blocked} == {
        bill.id for bill in bills
    }
    at_home = Money(sum(cents for cents, _, currency, _ in rows if currency == "USD"), "USD")
    assert shown.ready.amount.money + shown.blocked.amount.money == shown.open.amount.money == at_home
    assert sum((group.ready.amount.money for group in shown.groups), Money.zero("USD")) == shown.ready.amount.money
    assert sum((group.blocked.amount.money for group in shown.groups), Money.zero("USD")) == shown.blocked.amount.money
    apart = {each.amount.currency: each.rows for each in shown.open.excluded}
    assert apart.get("EUR", 0) == sum(currency == "EUR" for _, _, currency, _ in rows)
