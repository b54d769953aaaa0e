"""One login fails, the others are read; each one's trouble stands with it, and passes with it."""

from dataclasses import replace

import pytest

from interlock.app.house import House
from interlock.app.plaid import plaid_sync
from interlock.rails import connections
from interlock.rails.errors import Rejected, Unavailable
from tests.rails.plaid.at_the_bank import Client
from tests.rails.plaid.conftest import Takes

TWO_BANKS = 1
"""The place of the sandbox's client that has two banks."""


def two_banks(takes: Takes) -> tuple[Client, str, str]:
    """A client with two banks linked and read; the ids of both logins."""
    client = takes(TWO_BANKS)
    client.link(0)
    client.link(1)
    client.sync.sync()
    first, second = (each.item_id for each in client.logins())
    return client, first, second


def test_a_lost_login_leaves_the_other_bank_read(takes: Takes) -> None:
    client, lost, well = two_banks(takes)
    client.sandbox.control("POST", f"plaid/items/{lost}/trouble", {})
    report = client.sync.sync()
    states = {each.item_id: each.state for each in client.logins()}
    assert states == {lost: "needs login", well: "working"}
    assert [each.id for each in report.problems] == [lost]
    assert "bank.login_lost" in client.actions()
    assert {each.item_id for each in client.accounts()} == {lost, well}, "what was read before stays"
    with client.house.database.reading(client.scope) as session:
        assert connections.find(session, client.scope, "plaid").state == "connected"

    link = client.link(item_id=lost)
    assert link.standing == "connected", f"re-linking ended as {link.standing}: {link.said}"
    client.sync.sync()
    assert {each.state for each in client.logins()} == {"working"} and len(client.logins()) == 2


def test_a_bank_unlinked_while_another_is_read_leaves_that_one_read(takes: Takes) -> None:
    client, first, second = two_banks(takes)

    def unlinks(_entity: str, read: int, _whole: int | None) -> None:
        if read == 1:
            client.banks.unlink(client.business.slug, second, actor="a test")

    report = client.sync.sync(progress=unlinks)
    assert report.problems == () and [each.item_id for each in client.logins()] == [first]
    assert client.sync.freshness().words == "just now", "the sync ended as one that read all there is"


def test_a_bank_that_is_down_is_nobodys_task_and_tried_again_soon(takes: Takes) -> None:
    client, down, well = two_banks(takes)
    bank = next(each for each in client.logins() if each.item_id == down).institution_id
    client.sandbox.control("POST", f"plaid/institutions/{bank}", {"down": "INSTITUTION_DOWN"})
    try:
        impatient(client)
        ask_live = client.sync.ask_banks()
        assert [each.id for each in ask_live] == [down], "only the bank that is down gave no balance of the moment"
    finally:
        client.sandbox.control("POST", f"plaid/institutions/{bank}", {"down": None})
    assert {each.live for each in client.accounts() if each.item_id == well} == {True}


def test_when_no_bank_can_be_read_the_sync_says_so_and_the_timetable_goes_on(takes: Takes) -> None:
    client, first, second = two_banks(takes)
    for each in (first, second):
        client.sandbox.control("POST", f"plaid/items/{each}/trouble", {})
    with pytest.raises(Rejected, match="ITEM_LOGIN_REQUIRED"):
        client.sync.sync()
    client.sandbox.control("POST", f"plaid/items/{first}/repair", {})
    client.sync.sync()
    states = {each.item_id: each.state for each in client.logins()}
    assert states[first] == "working", "a bank that mended itself is seen without anybody's act"


def test_consent_taken_back_is_told_as_that(takes: Takes) -> None:
    client, revoked, _ = two_banks(takes)
    client.sandbox.control("POST", f"plaid/items/{revoked}/trouble", {"code": "USER_PERMISSION_REVOKED"})
    client.sync.sync()
    (login,) = [each for each in client.logins() if each.item_id == revoked]
    assert "took it back" in str(login.trouble)
    assert client.banks.unlink(client.business.slug, revoked, actor="a test").told


def test_our_own_keys_refused_blame_no_login(takes: Takes) -> None:
    client, *_ = two_banks(takes)
    wrong = replace(client.house.settings, plaid_secret="not the secret")
    house = House(wrong, client.house.database, client.house.vault, client.house.clock, client.house.transport)
    with pytest.raises(Rejected, match="INTERLOCK_PLAID_SECRET"):
        plaid_sync(house, client.business).sync()
    assert {each.state for each in client.logins()} == {"working"}


def test_a_rail_that_is_down_for_a_moment_is_asked_again(takes: Takes) -> None:
    client, *_ = two_banks(takes)
    client.sandbox.fault("server_error", path="/plaid/transactions/sync", count=1)
    try:
        client.sync.sync()
    finally:
        client.sandbox.calm()
    assert {each.state for each in client.logins()} == {"working"}


def test_a_rail_that_stays_down_marks_what_it_was(takes: Takes) -> None:
    client, *_ = two_banks(takes)
    impatient(client)
    client.sandbox.fault("server_error", path="/plaid/transactions/sync", count=50)
    try:
        with pytest.raises(Unavailable):
            client.sync.sync()
    finally:
        client.sandbox.calm()
    assert {each.state for each in client.logins()} == {"unreachable"}
    assert "bank.login_lost" not in client.actions(), "nobody has to do anything"
    client.sync.sync()
    assert {each.state for each in client.logins()} == {"working"}


def test_too_many_calls_are_answered_by_waiting_not_by_losing_the_login(takes: Takes) -> None:
    client, *_ = two_banks(takes)
    impatient(client)
    client.sandbox.fault("throttle", path="/plaid/accounts/get", count=50)
    try:
        with pytest.raises(Unavailable):
            client.sync.sync()
    finally:
        client.sandbox.calm()
    assert {each.state for each in client.logins()} == {"unreachable"}


def impatient(client: Client) -> None:
    """The house raises a long pause instead of waiting for it."""
    client.house.patience = 0.0
