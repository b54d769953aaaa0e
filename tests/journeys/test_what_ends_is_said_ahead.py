"""Fourteen days before a connection ends a person is told, wherever they look; and the doctor knows what else is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from interlock.app.doctor import Item, examine
from interlock.app.settings import read_settings
from interlock.infra.db import Database, open_database
from interlock.kernel.clock import Clock, SystemClock
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import meter
from interlock.rails.connections import Connection
from tests.cli.forking import Forker
from tests.cli.terminal import Terminal, at_terminal
from tests.journeys.conftest import Journey
from tests.support.sandbox import Sandbox

WHOLE = SystemScope("tests look at everything")


@pytest.fixture
def database(embedded: Database) -> Database:
    return embedded


def set_ends(database: Database, clock: Clock, **ends: timedelta) -> None:
    """Let the only connection end so long from now."""
    with database.writing(WHOLE) as session:
        linked = session.scalars(select(Connection)).one()
        for name, ahead in ends.items():
            setattr(linked, name, clock.now() + ahead)


@contextmanager
def database_of(terminal: Terminal) -> Iterator[Database]:
    opened = open_database(terminal.environment["INTERLOCK_DATABASE_URL"])
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("ends", "words", "row"),
    [
        ({"hard_expires_at": timedelta(days=9)}, "Intuit asks for a person’s consent again by", ""),
        ({"refresh_expires_at": timedelta(days=3)}, "unless QuickBooks is read before", ""),
        ({"hard_expires_at": -timedelta(hours=1)}, "The connection ended by itself on", "has ended"),
    ],
    ids=["consent", "idle", "ended"],
)
def test_pages_and_api_say_it(journey: Journey, ends: dict[str, timedelta], words: str, row: str) -> None:
    company = journey.companies[0]
    journey.connect(company.name, company)
    (listed,) = journey.api("/businesses")["businesses"]  # type: ignore[index]
    set_ends(journey.house.database, journey.house.clock, **ends)
    assert words in journey.open("/connections").said
    assert words in journey.open(f"/b/{listed['slug']}/connection").said
    assert words in journey.open(f"/b/{listed['slug']}/tray").said
    portfolio = journey.open("/").said
    assert words in portfolio and row in portfolio
    shown = journey.api("/connections")["connections"][0]  # type: ignore[index]
    assert words in shown["alarm"]
    assert shown["mend"]["act"] == "connect"
    assert words in journey.api("/portfolio")["clients"][0]["alarm"]  # type: ignore[index]


def test_fifteen_days_ahead_nobody_is_troubled(journey: Journey) -> None:
    company = journey.companies[0]
    journey.connect(company.name, company)
    set_ends(journey.house.database, journey.house.clock, hard_expires_at=timedelta(days=15))
    assert "None needs a person." in journey.open("/connections").said
    assert journey.api("/connections")["connections"][0]["alarm"] is None  # type: ignore[index]


@pytest.fixture(scope="module")
def forker() -> Iterator[Forker]:
    forking = Forker()
    yield forking
    forking.close()


@pytest.fixture
def terminal(tmp_path: Path, sandbox: Sandbox, forker: Forker) -> Terminal:
    """An installation with one client."""
    at = at_terminal(tmp_path / "installation", sandbox, forker)
    at.connect(sandbox.clients()[0])
    return at


def examined(terminal: Terminal, **more: str) -> dict[str, Item]:
    return {item.what: item for item in examine(read_settings({**terminal.environment, **more}))}


def test_the_doctor_and_the_terminal_say_it_too(terminal: Terminal, sandbox: Sandbox) -> None:
    name = sandbox.clients()[0].name
    with database_of(terminal) as database:
        set_ends(database, SystemClock(), hard_expires_at=timedelta(days=9))
    assert "consent again by" in terminal.run("connections").out
    assert "consent again by" in terminal.run("connections", name).out
    assert "consent again by" in terminal.run("portfolio").out
    item = examined(terminal)[name]
    assert item.state == "watch" and "consent again by" in item.found
    assert item.mend.startswith("interlock connect qbo --browser --business ")
    with database_of(terminal) as database:
        set_ends(database, SystemClock(), hard_expires_at=-timedelta(days=1))
    assert examined(terminal)[name].state == "broken"


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("https://desk.example.com", "good"),
        ("https://desk.example.com/", "good"),
        ("http://localhost:8600", "good"),
        ("http://desk.example.com", "broken"),
        ("https://desk.example.com/interlock", "broken"),
        ("desk.example.com", "broken"),
    ],
)
def test_the_doctor_knows_an_address_intuit_can_come_back_to(terminal: Terminal, url: str, state: str) -> None:
    item = examined(terminal, INTERLOCK_PUBLIC_URL=url)["Public address"]
    assert item.state == state, item
    assert bool(item.mend) == (state != "good")


def test_the_doctor_counts_the_months_reads(terminal: Terminal) -> None:
    assert examined(terminal)["Reads"].state == "good"
    with database_of(terminal) as database, database.writing(WHOLE) as session:
        linked = session.scalars(select(Connection)).one()
        meter.count(session, Scope(linked.firm_id, linked.business_id), "qbo", 50, SystemClock().now())
    spent = examined(terminal, INTERLOCK_QBO_MONTHLY_READS="40")["Reads"]
    assert spent.state == "broken" and "none are left" in spent.found and spent.mend


def test_the_doctor_finds_what_a_key_rotation_left_behind(terminal: Terminal) -> None:
    assert examined(terminal)["Sealed secrets"].state == "good"
