"""The whole way once on PostgreSQL, as a role that sees only what its scope allows."""

from collections.abc import Iterator

import pytest

from interlock.app.verifying import Verifying
from interlock.infra.db import Database, open_database
from tests.rails.plaid.conftest import Takes
from tests.support.postgres import PostgresServer


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    opened = open_database(postgres.migrated_database())
    yield opened
    opened.close()


def test_linked_read_checked_lost_linked_again_and_unlinked(takes: Takes) -> None:
    client = takes(0)
    assert client.link().standing == "connected"
    client.sync.sync()
    assert client.lines() and client.accounts()
    client.sync.sync()
    mask = client.logins_there[0]["accounts"][0]["mask"]
    assert Verifying(client.house).verify(client.business.slug, mask, None, actor="a test").owner == "matches"
    item_id = client.logins()[0].item_id
    client.sandbox.control("POST", f"plaid/items/{item_id}/trouble", {})
    assert client.link(item_id=item_id).standing == "connected"
    assert client.sync.ask_banks() == []
    assert client.banks.unlink(client.business.slug, item_id, actor="a test").told
    assert client.logins() == []
