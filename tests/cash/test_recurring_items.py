"""What recurs in a client's books: suggested from its history, decided by a person once, and then cash to come."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from interlock.domains.bank.services.recurring_service import Corrected, RecurringService, Series
from interlock.domains.firm.policy.values import Policy
from interlock.kernel.errors import BadInput, Refused
from interlock.rails import facts
from interlock.runway.services.calculators.recurring import Detected
from interlock.runway.services.data_orchestrators.cash_ahead_snapshot import read_cash_ahead
from interlock.runway.services.data_orchestrators.history_snapshot import detected
from tests.cash.test_plan_counts_once import books_alone, movements, plan
from tests.matching.client import ACTOR, WitnessedClient, stated
from tests.matching.conftest import transport
from tests.runway import said

__all__ = ["books_alone", "transport"]
_WAGES = "20"


def pay(id_: str, on: date, cents: int = 3_000_000) -> facts.JournalEntry:
    """A payroll as a payroll service books it: wages from the bank's account."""
    return stated(
        facts.JournalEntry,
        f"pay-{id_}",
        number=None,
        dated=on,
        currency="USD",
        total_minor=cents,
        voided=False,
        adjustment=False,
        lines=(
            facts.Line(0, "1", "JournalEntryLineDetail", cents, None, _WAGES, None, None, None, "Debit"),
            facts.Line(1, "2", "JournalEntryLineDetail", cents, None, said.CHECKING, None, None, None, "Credit"),
        ),
        links=(),
    )


@pytest.fixture
def client(books_alone: WitnessedClient) -> WitnessedClient:
    """Wages of 30,000.00 every second Friday for half a year, the last on 20 November."""
    books_alone.books.say(said.account(_WAGES, "Wages", "Expense"))
    last = date(2026, 11, 20)
    books_alone.books.say(*(pay(str(at), last - timedelta(days=14 * at)) for at in range(13)))
    return books_alone


def suggestions(client: WitnessedClient) -> Sequence[Detected]:
    with client.books.firm.database.reading(client.books.scope) as session:
        known = RecurringService(session, client.books.scope).signatures()
        return [each for each in detected(session, client.books.business, said.TODAY) if each.signature not in known]


def series(found: Detected) -> Series:
    return Series(
        found.signature,
        found.name,
        found.category,
        found.inflow,
        found.cadence,
        found.days,
        found.anchor,
        found.amount_minor,
        found.currency,
        tuple((each.kind, each.id) for each in found.seen),
    )


def decide(
    client: WitnessedClient, found: Detected, *, confirm: bool = True, corrected: Corrected | None = None
) -> str:
    with client.books.firm.database.writing(client.books.scope) as session:
        item = RecurringService(session, client.books.scope).decide(
            found.signature, found=series(found), confirm=confirm, now=client.now, actor=ACTOR, corrected=corrected
        )
        return item.recurring_id


def test_wages_every_second_friday_are_suggested_with_their_evidence(client: WitnessedClient) -> None:
    (found,) = suggestions(client)
    assert (found.category, found.cadence, found.amount_minor) == ("payroll", "biweekly", 3_000_000)
    assert found.next_on == date(2026, 12, 4)
    assert found.seen[0].id == "pay-0"


def test_what_nobody_confirmed_is_not_in_the_path_and_what_somebody_did_is(client: WitnessedClient) -> None:
    assert movements(client) == []
    decide(client, suggestions(client)[0])
    paydays = [flow.likely for flow in plan(client).flows if flow.kind == "payroll"]
    assert paydays[:3] == [date(2026, 12, 4), date(2026, 12, 18), date(2026, 12, 31)], "New Year's Day is a holiday"
    assert all(flow.minor == -3_000_000 and flow.essential for flow in plan(client).flows)
    assert suggestions(client) == [], "a person confirms once"


def test_a_person_corrects_the_amount_when_confirming_and_later(client: WitnessedClient) -> None:
    item = decide(client, suggestions(client)[0], corrected=Corrected(name="Wages of all", amount_minor=3_200_000))
    assert {flow.minor for flow in plan(client).flows} == {-3_200_000}
    with client.books.firm.database.writing(client.books.scope) as session:
        service = RecurringService(session, client.books.scope)
        service.change(item, Corrected(amount_minor=3_500_000), now=client.now, actor=ACTOR)
    assert {(flow.party, flow.minor) for flow in plan(client).flows} == {("Wages of all", -3_500_000)}


def test_a_payroll_that_is_in_the_books_already_is_not_expected_again(client: WitnessedClient) -> None:
    decide(client, suggestions(client)[0])
    client.books.say(pay("next", date(2026, 12, 3)))
    assert min(flow.likely for flow in plan(client).flows) == date(2026, 12, 18)


def test_what_is_refused_is_not_suggested_again_and_may_be_confirmed_after_all(client: WitnessedClient) -> None:
    (found,) = suggestions(client)
    decide(client, found, confirm=False)
    assert suggestions(client) == [] and movements(client) == []
    with pytest.raises(Refused):
        decide(client, found, confirm=False)
    decide(client, found)
    assert movements(client) != []
    with pytest.raises(Refused):
        decide(client, found)
    assert [line.action for line in client.log("recurring.")] == ["recurring.refused", "recurring.confirmed"]


def test_what_ended_comes_no_more(client: WitnessedClient) -> None:
    item = decide(client, suggestions(client)[0])
    with client.books.firm.database.writing(client.books.scope) as session:
        RecurringService(session, client.books.scope).end(item, reason="Closed", now=client.now, actor=ACTOR)
    assert movements(client) == []
    with client.books.firm.database.writing(client.books.scope) as session, pytest.raises(Refused):
        RecurringService(session, client.books.scope).end(item, reason="Closed", now=client.now, actor=ACTOR)


def test_money_out_is_of_no_category_of_money_in(client: WitnessedClient) -> None:
    with pytest.raises(BadInput, match="category"):
        decide(client, suggestions(client)[0], corrected=Corrected(category="sales"))


def test_the_floors_days_count_what_left_for_essentials(client: WitnessedClient) -> None:
    assert plan(client).essential_per_day_minor == round(7 * 3_000_000 / 91)


def test_a_payroll_two_days_overdue_is_missing(client: WitnessedClient) -> None:
    decide(client, suggestions(client)[0])
    client.books.firm.wait(days=10)
    with client.books.firm.database.reading(client.books.scope) as session:
        assert read_cash_ahead(session, client.books.business, Policy(), client.now).missing == ()
    client.books.firm.wait(days=3)
    with client.books.firm.database.reading(client.books.scope) as session:
        (missing,) = read_cash_ahead(session, client.books.business, Policy(), client.now).missing
    assert (missing.due, missing.minor, missing.confirmed) == (date(2026, 12, 4), 3_000_000, True)
