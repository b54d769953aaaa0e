"""An account is linked with a key that proved itself, by its own or through the platform, and says when that ends."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from interlock.app.cli.commands import app
from interlock.app.house import House
from interlock.app.notices import NotGenuine, take_notices
from interlock.app.stripe import connect_stripe, disconnect_stripe, stripe_platform, stripe_rail
from interlock.kernel.errors import BadInput, NotFound, Refused
from interlock.rails import connections, schedule
from interlock.rails.connections import NotLinked
from interlock.rails.errors import Unauthorised, Unavailable
from interlock.rails.moves import CollectsInvoices
from interlock.rails.registry import CapabilityMissing
from interlock.rails.witnesses import Charge, RailCustomer
from tests.rails.stripe.at_stripe import Client
from tests.support.commands import environment_of

Takes = Callable[[int], Client]


def test_a_key_that_proved_itself_is_kept_and_the_first_sync_is_due(takes: Takes) -> None:
    client = takes(0)
    found = connect_stripe(client.house, client.business, actor="Rosa Field", key=client.told["secret_key"])
    assert found.id == client.told["account"] and found.payouts
    linked = client.connection()
    assert (linked.external_id, linked.state) == (client.told["account"], connections.CONNECTED)
    assert client.told["secret_key"].encode() not in linked.sealed, "the key lies open in the database"
    assert client.actions()[-1] == "connection.connected"
    with client.house.database.reading(client.scope) as session:
        due = schedule.find(session, client.scope, "stripe")
    assert due is not None and due.due_at <= client.house.clock.now()


def test_what_it_can_do_is_there_once_it_is_linked(takes: Takes) -> None:
    client = takes(0)
    with pytest.raises(CapabilityMissing, match="Connect Stripe first"):
        client.house.registry.require(client.scope, CollectsInvoices)
    client.connect()
    assert client.house.registry.require(client.scope, CollectsInvoices) is not None


@pytest.mark.parametrize("key", ["sk_test_nobodys", "pk_test_public", "", "   "])
def test_a_key_that_opens_nothing_leaves_nothing(takes: Takes, key: str) -> None:
    client = takes(0)
    before = client.actions()
    with pytest.raises((Unauthorised, BadInput)):
        connect_stripe(client.house, client.business, actor="a test", key=key)
    with pytest.raises(NotFound):
        client.connection()
    assert client.actions() == before


def test_the_platforms_key_reaches_a_clients_account(takes: Takes) -> None:
    client = takes(0)
    connect_stripe(client.house, client.business, actor="a test", account=client.told["account"])
    assert client.sync().mode == "full"
    assert client.rows(Charge), "it was the platform's own account that was read"
    client.happens("access", connected=False)
    try:
        with pytest.raises(Unauthorised):
            client.sync()
        assert client.connection().state == connections.NEEDS_RECONNECT
    finally:
        client.happens("access", connected=True)


def test_a_stranger_at_a_clients_address_learns_nothing_of_what_is_set_here(takes: Takes) -> None:
    client = takes(0)
    connect_stripe(client.house, client.business, actor="a test", account=client.told["account"])
    client.house.settings = replace(client.house.settings, stripe_platform_key=None)
    with pytest.raises(NotGenuine) as turned:
        take_notices(client.house, "stripe", b"{}", {}, client.business.business_id)
    assert "INTERLOCK" not in turned.value.sentence


def test_the_platform_reaches_nobody_it_isnt_connected_to(takes: Takes) -> None:
    client = takes(0)
    with pytest.raises(Unauthorised):
        connect_stripe(client.house, client.business, actor="a test", account="acct_somebodyelse")


def test_an_account_serves_one_client_and_a_client_stays_with_its_account(takes: Takes) -> None:
    one, other = takes(0).connect(), takes(1)
    with pytest.raises(Refused, match="another business"):
        connect_stripe(one.house, other.business, actor="a test", key=one.told["secret_key"])
    with pytest.raises(Refused, match="stays with it"):
        connect_stripe(one.house, one.business, actor="a test", key=other.told["secret_key"])


def test_a_rolled_key_asks_for_a_person_and_a_new_one_goes_on(takes: Takes) -> None:
    client = takes(3).connect()
    client.sync()
    client.happens("key", name="secret")
    with pytest.raises(Unauthorised, match="interlock connect stripe"):
        client.sync()
    assert client.connection().state == connections.NEEDS_RECONNECT
    assert client.actions()[-1] == "connection.lost"
    client.connect()
    assert client.sync().mode == "changes", "what was read before is not read again"


def test_disconnected_the_key_is_forgotten_and_what_was_read_stays(takes: Takes) -> None:
    client = takes(0).connect()
    client.sync()
    done = disconnect_stripe(client.house, client.business, actor="Rosa Field")
    assert client.told["account"] in done.words and not done.revoked
    assert client.connection().sealed == b"" and client.actions()[-1] == "connection.disconnected"
    assert stripe_rail(client.house, client.scope) is None
    with pytest.raises(NotLinked):
        client.sync()
    assert client.rows(RailCustomer)
    again = disconnect_stripe(client.house, client.business, actor="Rosa Field")
    assert "before" in again.words
    client.connect()
    assert client.sync().mode == "changes"


def test_while_stripe_is_down_everything_read_before_stands(takes: Takes) -> None:
    client = takes(0).connect()
    client.sync()
    house = client.house
    down = House(
        replace(house.settings, stripe_api_url="http://127.0.0.1:9"),
        house.database, house.vault, house.clock, house.transport, limited=False, patience=0,
    )  # fmt: skip
    there = replace(client, house=down)
    with pytest.raises(Unavailable, match="can't be reached"):
        there.sync()
    assert there.connection().state == connections.CONNECTED, "a rail that is down is not one to reconnect"
    assert there.rows(Charge)


def notice(client: Client, secret: str, **about: Any) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(
        {"id": "evt_1", "object": "event", "type": "charge.failed", "livemode": False, "data": {"object": about}}
    ).encode()
    at = int(client.house.clock.now().timestamp())
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"stripe-signature": f"t={at},v1={signature}"}


def test_notices_are_verified_with_the_clients_own_secret(takes: Takes) -> None:
    client = takes(0)
    key = client.told["secret_key"]
    connect_stripe(client.house, client.business, actor="a test", key=key, hook_secret="whsec_own")
    connect_stripe(client.house, client.business, actor="a test", key=key)
    body, headers = notice(client, "whsec_own", object="charge", id="ch_1")
    assert client.house.transport.run(client.rail.genuine(body, headers)), "a new key forgot the signing secret"
    assert not client.house.transport.run(client.rail.genuine(body + b" ", headers))
    (hint,) = client.rail.hints(body)
    assert (hint.external_id, hint.entity, hint.entity_id) == (client.told["account"], "charge", "ch_1")


def test_without_a_secret_no_notice_is_believed(takes: Takes) -> None:
    client = takes(0).connect()
    body, headers = notice(client, "", object="charge", id="ch_1")
    assert not client.house.transport.run(client.rail.genuine(body, headers))
    assert stripe_platform(client.house) is None


def test_by_command_the_key_never_stands_in_the_command(takes: Takes) -> None:
    client = takes(0)
    settings = client.house.settings
    environment = {**environment_of(settings), "INTERLOCK_STRIPE_API_URL": settings.stripe_api_url}

    def run(*words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, list(words), input=stdin, env=environment)

    slug, key = client.business.slug, client.told["secret_key"]
    refused = run("connect", "stripe", slug, "--key", key)
    assert refused.exit_code != 0 and key not in refused.output
    linked = run("connect", "stripe", slug, "--key", "-", stdin=key + "\n")
    assert linked.exit_code == 0, linked.output
    assert client.told["account"] in linked.output and client.connection().state == connections.CONNECTED
    ended = run("disconnect", "stripe", slug, "--json")
    assert ended.exit_code == 0 and json.loads(ended.stdout)["revoked"] is False
    assert client.connection().state == connections.DISCONNECTED
