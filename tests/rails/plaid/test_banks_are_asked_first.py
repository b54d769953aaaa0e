"""Before a release the banks are asked for their balances of this moment; one that doesn't tell stops it."""

import pytest

from interlock.app.cli.desk import desk_of
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.runway.releasing_desk import BalanceNotRefreshed, ask_banks_first
from tests.rails.plaid.at_the_bank import Client
from tests.rails.plaid.conftest import Takes
from tests.rails.plaid.test_one_bank_down import impatient


def test_a_bank_that_tells_is_asked_once_a_minute(takes: Takes) -> None:
    client = takes(0)
    client.link()
    client.sync.sync()
    desk = desk_of(client.house)
    assert ask_banks_first(desk, client.banks, client.business.slug) == "The banks told their balances just now."
    assert {each.live for each in client.accounts()} == {True}
    told = [each.observed_at for each in client.accounts()]
    assert "within the last minute" in ask_banks_first(desk, client.banks, client.business.slug)
    assert [each.observed_at for each in client.accounts()] == told, "banks ration how often they are asked"


def test_a_bank_that_is_down_stops_the_release_in_words(takes: Takes) -> None:
    client = takes(0)
    client.link()
    client.sync.sync()
    bank = client.logins()[0].institution_id
    client.sandbox.control("POST", f"plaid/institutions/{bank}", {"down": "INSTITUTION_DOWN"})
    try:
        impatient(client)
        with pytest.raises(BalanceNotRefreshed, match=r"couldn’t be refreshed: .* Nothing was released"):
            ask_banks_first(desk_of(client.house), client.banks, client.business.slug)
        proposed = _proposed(client)
        said = ask_banks_first(desk_of(client.house), client.banks, client.business.slug, [proposed])
        assert said == "No bank was asked: none of these can be let go as it stands."
    finally:
        client.sandbox.control("POST", f"plaid/institutions/{bank}", {"down": None})


def test_without_a_bank_the_books_are_judged_and_that_is_said(takes: Takes) -> None:
    client = takes(0)
    said = ask_banks_first(desk_of(client.house), client.banks, client.business.slug)
    assert said == "No bank is linked: the balance in the books was judged."


def _proposed(client: Client) -> str:
    """A payment that nobody has approved."""
    now, business = client.house.clock.now(), client.business
    with client.house.database.writing(client.scope) as session:
        session.add(
            PaymentIntent(
                firm_id=business.firm_id,
                business_id=business.business_id,
                intent_id="int_proposed",
                bill_id="b1",
                amount_minor=10_000,
                currency="USD",
                pay_on=now.date(),
                credits="[]",
                state="proposed",
                content_hash="0" * 64,
                prepared_by="ledger",
                prepared_at=now,
            )
        )
    return "int_proposed"
