"""The console decides: what breaks the floor is blocked with what clears it; a changed bill loses its approval at once."""

from datetime import date

import pytest
from sqlalchemy import event

from interlock.domains.ap.services.deciding import PaymentBlocked
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.kernel.scope import Scope
from interlock.runway.services.experiences.console import ConsoleExperience, Show
from interlock.runway.services.experiences.deciding import Approving
from interlock.runway.services.experiences.decisions import DecisionView
from interlock.runway.services.experiences.wishes import Ask
from tests.runway import said
from tests.runway.conftest import ACTOR, ClientBooks

READ_FOR_A_VERDICT = (
    "bill",
    "vendor",
    "purchase",
    "policy_version",
    "payment_intent",
    "recurring_item",
    "earmark",
    "bank_line",
)


@pytest.fixture
def staffed(client: ClientBooks) -> ClientBooks:
    """Two open bills of 4,200.00 and 8,150.00, an owner and a controller; nothing is in the bank."""
    firm = client.firm
    with firm.database.writing(Scope(firm.firm_id)) as session:
        people = PeopleService(session, firm.firm_id)
        people.add("iris", "Iris Fenwick", side="client", email=None, now=said.NOW, actor=ACTOR)
        people.add("wren", "Wren Halloran", side="firm", email=None, now=said.NOW, actor=ACTOR)
    with firm.database.writing(client.scope) as session:
        people = PeopleService(session, firm.firm_id)
        people.grant(client.business.business_id, "iris", "client_owner", now=said.NOW, actor=ACTOR)
        people.grant(client.business.business_id, "wren", "controller", now=said.NOW, actor=ACTOR)
    client.say(said.bill("1", 4_200_00), said.bill("2", 8_150_00))
    return client


def shown(client: ClientBooks, show: Show = "open") -> ConsoleExperience:
    with client.firm.desk.reading(client.name) as desk:
        return desk.console.get_console_experience(show)


def approve(client: ClientBooks, who: str, *bills: str, override: str | None = None) -> DecisionView:
    until = date(2026, 11, 27) if override else None
    with client.firm.desk.writing(client.name) as desk:
        return desk.deciding(desk.acting(who)).decide(
            "approve", [Ask(each) for each in bills], approving=Approving(True, override, until)
        )


def test_what_breaks_the_floor_is_blocked_with_everything_said(staffed: ClientBooks) -> None:
    with staffed.firm.desk.reading(staffed.name) as desk:
        impact = desk.deciding(None).impact([Ask("1"), Ask("2")])
    assert impact.outcome == "block" and impact.total.amount == "12350.00"
    assert impact.path[-1].after.money.minor == impact.path[-1].before.money.minor - 12_350_00
    with pytest.raises(PaymentBlocked, match="Nothing was changed"):
        approve(staffed, "iris", "1", "2")
    assert not any(bill.intents for bill in shown(staffed).bills)


def test_two_people_approve_and_a_bill_changed_in_the_books_loses_it(staffed: ClientBooks) -> None:
    first = approve(staffed, "wren", "2", override="The owner wired money")
    assert first.override_reason == "The owner wired money"
    (half,) = shown(staffed, "second").bills
    assert (half.id, half.intents[0].state) == ("2", "half"), "8,150.00 is above the first limit"
    staffed.firm.wait(seconds=30)
    approve(staffed, "iris", "2", override="The owner wired money")
    approved = next(bill for bill in shown(staffed).bills if bill.id == "2")
    assert [each.person for each in approved.intents[0].approvals] == ["Wren Halloran", "Iris Fenwick"]
    assert shown(staffed).approved.amount.amount == "8150.00"
    staffed.say(said.bill("2", 8_150_00, due=date(2026, 12, 8)))
    (changed,) = shown(staffed, "changed").bills
    assert changed.lost is not None and changed.lost.why is not None
    assert "due date" in changed.lost.why.casefold() and "8 Dec" in changed.lost.why
    assert shown(staffed).approved.rows == 0 and changed.selectable


def test_an_impact_follows_every_change_though_the_plan_is_kept(staffed: ClientBooks) -> None:
    def before() -> int:
        with staffed.firm.desk.reading(staffed.name) as desk:
            return desk.deciding(None).impact(()).path[-1].before.money.minor

    first = before()
    approve(staffed, "iris", "1", override="The owner wired money")
    assert before() == first - 4_200_00, "what is approved is committed cash"


def test_the_policy_in_force_sorts_the_console(staffed: ClientBooks) -> None:
    with staffed.firm.database.writing(staffed.scope) as session:
        policies = PolicyService(session, staffed.firm.firm_id)
        owner = PeopleService(session, staffed.firm.firm_id).acting(staffed.business.business_id, "iris")
        text = '[pay_runs]\ndays = ["fri"]\n[approvals]\none_person = "4000.00"\n'
        policies.write(staffed.business, text, reason="Fridays suit us", by=owner, now=said.NOW)
    view = shown(staffed)
    assert {group.run.weekday() for group in view.groups if group.run} == {4}
    assert {each.key: each.count for each in view.shows}["over"] == 2


def test_nothing_that_a_verdict_stands_on_is_read_before_the_decision_lock(staffed: ClientBooks) -> None:
    """What is read earlier may be old when the lock is there: others decide and syncs write while one waits for it."""
    database, heard = staffed.firm.database, []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(" ".join(statement.split()))

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        approve(staffed, "iris", "1", override="The owner wired money")
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)
    mark = "pg_advisory_xact_lock" if database.dialect == "postgresql" else "BEGIN IMMEDIATE"
    locked = next(at for at, each in enumerate(heard) if mark in each)
    early = [each for each in heard[:locked] for table in READ_FOR_A_VERDICT if f"FROM {table} " in f"{each} "]
    assert early == [], "read before the lock, so perhaps out of date under it"
    assert any("FROM bill " in f"{each} " for each in heard[locked:]), "the bill is read under the lock"
