"""Plaid does what it was asked, and its answer is lost on the way."""

import pytest

from interlock.app import bank_taking
from interlock.rails.errors import OutcomeUnknown
from tests.rails.plaid.at_the_bank import agree
from tests.rails.plaid.conftest import Takes


def test_an_exchange_whose_answer_is_lost_saves_nothing_and_says_what_to_do(takes: Takes) -> None:
    client = takes(0)
    begun = client.banks.begin(client.business.slug, actor="a test")
    assert begun.url is not None
    agree(begun.url, client.logins_there[0])
    client.sandbox.fault("cut_after_commit", path="/plaid/item/public_token/exchange", count=1)
    lost = client.banks.finish(begun.link_id)
    client.sandbox.calm()
    assert lost.standing != "connected" and client.logins() == []
    assert "Link the bank again" in str(lost.said)
    assert client.link().standing == "connected"


def test_an_unlinking_whose_answer_is_lost_is_done_all_the_same(takes: Takes) -> None:
    client = takes(1)
    client.link()
    item_id = client.logins()[0].item_id
    client.sandbox.fault("cut_after_commit", path="/plaid/item/remove", count=1)
    ended = client.banks.unlink(client.business.slug, item_id, actor="a test")
    client.sandbox.calm()
    assert ended.told, "asked again, Plaid no longer knows the login: that is what was wanted"
    assert client.there(item_id)["removed"] is True


def test_a_new_token_whose_answer_is_lost_is_not_asked_for_twice(takes: Takes) -> None:
    client = takes(2)
    client.link()
    item_id = client.logins()[0].item_id
    client.sandbox.fault("cut_after_commit", path="/plaid/item/access_token/invalidate", count=1)
    with pytest.raises(OutcomeUnknown, match="re-link"):
        bank_taking.rotate_token(client.house, client.scope, item_id, "a test")
    client.sandbox.calm()
    assert "bank.token_rotated" not in client.actions()


def test_an_unlinking_that_plaid_never_heard_of_says_so(takes: Takes) -> None:
    client = takes(3)
    client.link()
    client.house.patience = 0.0
    item_id = client.logins()[0].item_id
    client.sandbox.fault("down", path="/plaid/item/remove", count=20)
    ended = client.banks.unlink(client.business.slug, item_id, actor="a test")
    client.sandbox.calm()
    assert not ended.told and "could not be told" in ended.words
    assert client.logins() == [], "the token is forgotten here whatever Plaid answers"
