"""A released payment is in the plan once, from its release until the books have it, whichever book the plan starts from."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.ap.payment_models import Disbursement
from interlock.domains.ap.policy.course import Course, Way
from interlock.domains.ap.policy.loop import released
from interlock.domains.ap.services.payment_steps import keep_course
from tests.cash.test_plan_counts_once import approve, books_alone, client, movements, plan
from tests.matching.client import WitnessedClient, bank_line, rail_bill
from tests.matching.conftest import transport
from tests.runway import said

__all__ = ["books_alone", "client", "transport"]


@pytest.fixture(params=(False, True), ids=("from the books", "from the bank"))
def either(request: pytest.FixtureRequest, books_alone: WitnessedClient) -> WitnessedClient:
    if request.param:
        books_alone.state(
            books_alone.bank_account("b1", "Everyday", current_minor=9_500_000, available_minor=9_500_000),
            bank_line("L0", -1_000, date(2026, 10, 1)),
        )
        books_alone.link_account("b1", said.CHECKING)
    return books_alone


def let_go(client: WitnessedClient, bill_id: str, cents: int, way: Way = "outside", **columns: object) -> str:
    """Approved and released as the rows stand then."""
    approve(client, bill_id, cents)
    intent_id = f"pi-{bill_id}-{cents}"
    with client.books.firm.database.writing(client.books.scope) as session:
        intent = session.get_one(PaymentIntent, (client.books.scope.business_id, intent_id))
        intent.state = "released"
        row = Disbursement(
            firm_id=intent.firm_id,
            business_id=intent.business_id,
            intent_id=intent_id,
            bill_id=bill_id,
            vendor_id=intent.vendor_id,
            amount_minor=cents,
            currency="USD",
            way=way,
            pay_on=intent.pay_on,
            released_by="person-2",
            released_at=client.now,
            changed_at=client.now,
            **columns,
        )
        course = Course(way=way, expects_bank=True, late_after=client.now + timedelta(days=9))
        keep_course(row, released(course, client.now))
        session.add(row)
    return intent_id


def cleared(client: WitnessedClient, intent_id: str) -> None:
    """As its witness leaves the row."""
    with client.books.firm.database.writing(client.books.scope) as session:
        row = session.get_one(Disbursement, (client.books.scope.business_id, intent_id))
        course = Course(way="outside", expects_bank=True, late_after=client.now + timedelta(days=9))
        keep_course(row, replace(course, cleared=True))


def test_it_leaves_on_its_day_and_its_bill_does_not_as_well(either: WitnessedClient) -> None:
    either.books.say(said.bill("7", 50_000))
    let_go(either, "7", 50_000)
    assert movements(either) == [("committed", -50_000)]


def test_of_a_part_the_rest_of_the_bill_stays_open(either: WitnessedClient) -> None:
    either.books.say(said.bill("7", 50_000))
    let_go(either, "7", 20_000)
    assert movements(either) == [("bill", -30_000), ("committed", -20_000)]


def test_what_the_bank_has_shown_is_off_bank_cash(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000))
    cleared(client, let_go(client, "7", 50_000))
    assert movements(client) == [], "the bank's balance has it off, and the books' open bill is not paid again"


def test_where_the_books_are_the_start_it_leaves_until_they_have_it(books_alone: WitnessedClient) -> None:
    books_alone.books.say(said.bill("7", 50_000))
    cleared(books_alone, let_go(books_alone, "7", 50_000))
    assert movements(books_alone) == [("committed", -50_000)]


def test_what_the_bank_shows_as_pending_is_inside_its_balance(client: WitnessedClient) -> None:
    client.books.say(said.bill("7", 50_000))
    let_go(client, "7", 50_000)
    line = bank_line("L1", -50_000, date(2026, 12, 1))
    client.state(replace(line, pending=True, name="Copperfield Freight"))
    assert movements(client) == []


def test_what_the_rail_was_told_under_our_key_leaves_as_the_rails(either: WitnessedClient) -> None:
    """Nothing links the rail's bill to the ledger's, but that it was made for it."""
    either.books.say(said.bill("7", 50_000))
    intent_id = let_go(either, "7", 50_000, "create", rail_id="r1")
    either.state(rail_bill("r1", 50_000, remote_id=intent_id, state="payment_scheduled", number=None))
    assert movements(either) == [("in_flight", -50_000)]


def test_once_the_books_have_it_they_tell_it(either: WitnessedClient) -> None:
    either.books.say(said.bill("7", 50_000))
    intent_id = let_go(either, "7", 50_000, "create", rail_id="r1")
    either.state(rail_bill("r1", 50_000, remote_id=intent_id, state="payment_completed", number=None))
    either.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"))
    from_bank = plan(either).start.basis == "bank"
    assert movements(either) == ([("in_flight", -50_000)] if from_bank else [])
