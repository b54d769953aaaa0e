"""What looks like cash on its way and isn't, and the other way round: cards, transfers, accounts in another currency."""

from datetime import date

import pytest
from msgspec.structs import replace

from interlock.rails import facts
from tests.cash.test_two_truths import cash, client
from tests.matching.client import WitnessedClient, bank_line, stated
from tests.matching.conftest import transport
from tests.runway import said

__all__ = ["client", "transport"]
_CARD, _SAVINGS = "9", "10"


def _transfer(id_: str, cents: int, to: str) -> facts.Transfer:
    return stated(
        facts.Transfer,
        id_,
        number=None,
        dated=date(2026, 11, 20),
        currency="USD",
        exchange_rate=None,
        total_minor=cents,
        voided=False,
        note=None,
        from_account_id=said.CHECKING,
        to_account_id=to,
        lines=(),
        links=(),
    )


def _in_flight(client: WitnessedClient) -> str:
    can = cash(client).spendable
    assert can is not None, "a bank tells of cash"
    return can.in_flight.amount.amount


@pytest.mark.parametrize(("owed", "bank"), [(30_000, -30_000), (-5_000, 5_000)], ids=["owed", "paid too much"])
def test_a_card_that_agrees_has_no_gap_whoever_owes(client: WitnessedClient, owed: int, bank: int) -> None:
    client.books.say(said.account(_CARD, "Business Card", "Credit Card", cents=owed))
    client.state(client.bank_account("c1", "Business Card", kind="credit", sub_kind="credit card", current_minor=bank))
    client.link_account("c1", _CARD)
    (drift,) = (each.drift for each in cash(client).accounts if each.name == "Business Card")
    assert drift is not None and drift.gap.amount == "0.00"


def test_a_transfer_to_an_account_that_no_bank_shows_leaves_the_cash(client: WitnessedClient) -> None:
    client.books.say(said.account(_CARD, "Business Card", "Credit Card", cents=30_000), _transfer("60", 30_000, _CARD))
    assert _in_flight(client) == "300.00", "it is inside what the bank calls available, and will be gone"


def test_a_transfer_between_two_linked_accounts_leaves_nothing(client: WitnessedClient) -> None:
    client.books.say(said.account(_SAVINGS, "Savings", "Bank", sub_kind="Savings"), _transfer("60", 30_000, _SAVINGS))
    client.state(client.bank_account("b2", "Rainy Day", mask="7705", available_minor=0))
    client.link_account("b2", _SAVINGS)
    assert _in_flight(client) == "0.00"
    client.state(bank_line("L9", 30_000, date(2026, 11, 21), account_id="b2"))
    client.match()
    assert _in_flight(client) == "300.00", "it arrived, so it counts there already, and is still to leave here"


def test_an_account_linked_to_one_in_another_currency_has_no_drift(client: WitnessedClient) -> None:
    account = replace(said.account(_SAVINGS, "Savings in Canada", "Bank", cents=100), currency="CAD")
    client.books.say(account)
    client.state(client.bank_account("b2", "Rainy Day", mask="7705", current_minor=70))
    client.link_account("b2", _SAVINGS)
    assert [each.drift for each in cash(client).accounts if each.name == "Rainy Day"] == [None]
