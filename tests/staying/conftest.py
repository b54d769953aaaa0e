"""A house for each test over a sandbox of the module's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.domains.qbo.grant import App
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.rails.connections import Grant
from tests.staying.desk import Desk, Shelf
from tests.support.house import house_over
from tests.support.sandbox import Sandbox


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    made = house_over(database, sandbox, tmp_path)
    yield made
    made.close()
    sandbox.calm()


@pytest.fixture
def desk(sandbox: Sandbox) -> Iterator[Desk]:
    app = App(*sandbox.app(), f"{sandbox.url}/oauth2/v1/tokens/bearer", sandbox.url)
    client = sandbox.clients()[0]  # the newest consent, as every look at them gives another
    transport = Transport()
    yield Desk(sandbox, app, transport, client.realm_id, Shelf(Grant(client.refresh_token)))
    transport.close()
    sandbox.calm()
    sandbox.control("POST", "tokens", {"rotation": "every"})
