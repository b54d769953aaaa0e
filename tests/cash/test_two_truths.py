"""A client's balances with a bank linked: both truths, what explains the difference, what can be spent."""

from datetime import date

import pytest

from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.rails import connections
from interlock.rails.connections import Grant
from interlock.rails.items import LinkedItem
from interlock.runway.services.experiences.balances import BalancesView
from interlock.runway.services.experiences.cash import CashView
from tests.matching.client import WitnessedClient, bank_line, rail_bill
from tests.matching.conftest import transport
from tests.runway import said
from tests.runway.conftest import FirmBooks

__all__ = ["transport"]
_FIRST = date(2026, 10, 1)


@pytest.fixture
def client(database: Database, transport: Transport) -> WitnessedClient:
    """Books of 60,000.00; the bank's account is linked and has 100,000.00 of which 95,000.00 is available."""
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(*said.chart(cash=6_000_000), said.preferences(), said.vendor("v1", "Copperfield Freight"))
    taken_on = WitnessedClient(books)
    taken_on.state(
        taken_on.bank_account("b1", "Everyday", current_minor=10_000_000, available_minor=9_500_000),
        bank_line("L0", -1_000, _FIRST),
    )
    taken_on.link_account("b1", said.CHECKING)
    return taken_on


def cash(client: WitnessedClient) -> CashView:
    with client.books.firm.desk.reading(client.books.name) as at:
        view: BalancesView = at.balances.get_balances_experience()
    assert view.cash is not None, "a bank is linked, so its word stands beside the books'"
    return view.cash


def test_without_a_bank_the_books_stand_alone_and_say_so(database: Database, transport: Transport) -> None:
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(*said.chart(cash=6_000_000), said.preferences())
    with books.firm.desk.reading(books.name) as at:
        view = at.balances.get_balances_experience()
    assert view.cash is None
    assert "no bank is linked" in view.basis


def test_the_drift_is_what_is_left_when_all_on_its_way_has_arrived(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 4_000_000, "7"), said.bill_payment("71", 50_000, "8"))
    client.state(bank_line("L1", -50_000))
    client.match()
    (account,) = cash(client).accounts
    drift = account.drift
    assert drift is not None
    assert (drift.gap.amount, drift.outstanding.amount) == ("40000.00", "40000.00")
    assert (drift.drift.amount, drift.lines.amount, drift.remainder.amount) == ("0.00", "-10.00", "10.00")
    assert [each.id for each in drift.outstanding_items] == ["70"]
    assert drift.outstanding_items[0].link is not None, "an item links to its document in QuickBooks"
    assert [each.id for each in drift.line_items] == ["L0"]


def test_what_a_bank_shows_as_pending_is_not_in_flight_any_more(client: WitnessedClient) -> None:
    client.books.say(said.bill_payment("70", 4_000_000, "7"), said.bill_payment("71", 50_000, "8"))
    client.state(bank_line("L1", -50_000, pending=True))
    client.match()
    can = cash(client).spendable
    assert can is not None and can.spendable is not None
    assert can.in_flight.amount.amount == "40000.00"
    assert can.spendable.amount == "55000.00"
    assert [each.id for each in can.on_their_way] == ["70"]


def test_the_rails_payment_counts_until_the_bank_shows_it(client: WitnessedClient) -> None:
    client.state(rail_bill("r1", 200_000), rail_bill("r2", 70_000, state="payment_error"))
    before = cash(client).spendable
    assert before is not None and before.in_flight.amount.amount == "2000.00"
    assert before.on_their_way[0].stated_by == "the paying rail"
    client.state(bank_line("L1", -200_000))
    client.match()
    after = cash(client).spendable
    assert after is not None and after.in_flight.amount.amount == "0.00"


def test_a_payment_that_the_books_have_and_the_bank_showed_is_not_in_flight_at_the_rail(
    client: WitnessedClient,
) -> None:
    client.books.say(said.bill("7", 50_000, open_cents=0), said.bill_payment("70", 50_000, "7"))
    client.state(rail_bill("r1", 50_000, ledger_id="7", state="payment_completed", starts_on=date(2026, 10, 20)))
    client.state(bank_line("L1", -50_000))
    client.match()
    can = cash(client).spendable
    assert can is not None
    assert can.on_their_way == (), "out of time for the rail's own match, yet the bill's payment has cleared"


def test_a_bank_that_tells_no_available_balance_has_its_pending_payments_taken_off(client: WitnessedClient) -> None:
    client.state(
        client.bank_account("b1", "Everyday", current_minor=10_000_000), bank_line("L1", -30_000, pending=True)
    )
    can = cash(client).spendable
    assert can is not None and can.spendable is not None and can.spendable.amount == "99700.00"
    client.state(client.bank_account("b2", "Reserve", current_minor=None))
    can = cash(client).spendable
    assert can is not None and can.spendable is None, "one account nobody knows of leaves the whole unknown"


def test_a_days_silence_and_a_broken_login_are_said(client: WitnessedClient) -> None:
    assert not cash(client).stale
    with client.books.firm.database.writing(client.books.scope) as session:
        session.add(
            LinkedItem(
                firm_id=client.books.scope.firm_id,
                business_id=client.books.scope.business_id,
                rail="plaid",
                item_id="item-1",
                institution="Larkfield Bank",
                state="needs login",
                trouble="Larkfield Bank asks for the password again.",
                sealed=b"x",
                linked_at=client.now,
            )
        )
    shown = cash(client)
    assert shown.stale
    assert shown.accounts[0].state == "Larkfield Bank asks for the password again."
    client.books.firm.wait(hours=25)
    assert "is old" in cash(client).say


def test_the_check_of_drift_judges_the_same_figure(client: WitnessedClient) -> None:
    with client.books.firm.database.writing(client.books.scope) as session:
        connections.connect(
            session,
            client.books.scope,
            client.books.firm._vault,
            rail="plaid",
            external_id="b",
            grant=Grant("x"),
            now=client.now,
            actor="Odell Marsh",
        )
        session.add(
            LinkedItem(
                firm_id=client.books.scope.firm_id,
                business_id=client.books.scope.business_id,
                rail="plaid",
                item_id="item-1",
                institution="Larkfield Bank",
                state="working",
                sealed=b"x",
                linked_at=client.now,
                lines_at=client.now,
            )
        )
    (account,) = cash(client).accounts
    assert account.drift is not None and account.drift.drift.amount == "40000.00"
    with client.books.firm.desk.reading(client.books.name) as at:
        found = [each for each in at.findings.all if each.rule.id == "C04"]
    assert [each.stake.minor for each in found] == [4_000_000]
