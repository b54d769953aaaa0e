"""What people look at is kept fresh, and the page they look at neither waits for that nor fails with it."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.looks import Looks
from interlock.app.web import create_app
from interlock.infra.db import Database
from interlock.kernel.scope import Scope
from interlock.rails import schedule
from interlock.rails.schedule import SyncDue
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.web.serving import served

_SECONDS = 10


@pytest.fixture
def house(database: Database, sandbox: Sandbox, tmp_path: Path) -> Iterator[House]:
    with house_over(database, sandbox, tmp_path) as made:
        yield made


def row(house: House, scope: Scope) -> SyncDue:
    with house.database.reading(scope) as session:
        found = schedule.find(session, scope, "qbo")
        assert found is not None
        session.expunge(found)
        return found


def test_a_client_whose_page_is_open_is_due_within_minutes(house: House, sandbox: Sandbox) -> None:
    business, scope = take_on(house, sandbox.clients()[0])
    house.sync_of(business).sync()
    calm = row(house, scope)
    assert calm.looked_at is None and calm.due_at > house.clock.now() + timedelta(minutes=20)
    app = create_app(house)
    looks: Looks = app.state.looked
    with served(app, local_token(house.settings.key_file)) as site:
        assert site.page(f"/b/{business.slug}/tray").status == 200
        looks.settle(_SECONDS)
        seen = row(house, scope)
        assert seen.looked_at is not None
        assert seen.due_at <= seen.looked_at + timedelta(minutes=5), "somebody looks, so the next sync is near"
        assert site.page(f"/b/{business.slug}/bills").status == 200
        looks.settle(_SECONDS)
        assert row(house, scope).looked_at == seen.looked_at, "once a minute is enough"
    house.sync_of(business).sync()
    again = row(house, scope)
    assert timedelta() < again.due_at - house.clock.now() <= timedelta(minutes=5), "as long as somebody looks"


def test_a_look_that_can_not_be_remembered_harms_nobody() -> None:
    remembered: list[str] = []
    stuck = threading.Event()

    def remember(business_id: str) -> None:
        if business_id == "broken":
            raise OSError("the disk is full")
        assert stuck.wait(_SECONDS)
        remembered.append(business_id)

    looks = Looks(remember)
    looks("broken")
    for _ in range(3):
        looks("slow")  # returns though remembering takes its time
    assert remembered == []
    stuck.set()
    looks.settle(_SECONDS)
    assert remembered == ["slow"]
