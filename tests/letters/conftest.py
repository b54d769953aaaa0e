"""Alder & Wren with books worth a letter and an owner who gets it, over both databases, beside a mail server."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from interlock.app.house import House
from interlock.app.letters import Letters, letter_work
from interlock.app.opening import found_installation, make_vault
from interlock.app.settings import Settings
from interlock.domains.firm.letter_times import DIGEST
from interlock.domains.firm.services.calendar_service import find_due, set_due
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.domains.firm.timetable import BusinessDue
from interlock.infra import translog
from interlock.infra.db import Database
from interlock.infra.transport import Transport
from interlock.kernel.scope import Scope
from tests.runway import said
from tests.runway.conftest import ACTOR, ClientBooks, FirmBooks
from tests.support.mail import TestServer, mail_server

TO = ("odell@alder-and-wren.example", "mara@alder-and-wren.example")
POLICY = f'[digest]\nday = "mon"\nhour = "08:00"\nto = {json.dumps(list(TO))}\n'


@pytest.fixture(scope="session")
def transport() -> Iterator[Transport]:
    made = Transport()
    yield made
    made.close()


@pytest.fixture
def database(queued: Database) -> Database:
    """With a queue, since a worker finds what is due."""
    return queued


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database.url.render_as_string(hide_password=False),
        key_file=tmp_path / "interlock.key",
        secret_key=None,
        public_url=None,
        qbo_api_url="http://127.0.0.1:9",
        qbo_token_url="http://127.0.0.1:9/token",
        qbo_client_id="an app",
        qbo_client_secret="its secret",
        mail_from="letters@tern-and-marlow.example",
    )


@pytest.fixture
def client(database: Database, transport: Transport, settings: Settings) -> ClientBooks:
    found_installation(database, make_vault(settings), demo=False, clock_url=None, now=said.NOW)
    books = FirmBooks(database, transport).take_on("Alder & Wren")
    books.say(
        *said.chart(cash=9_000_000, payable=710_000),
        said.preferences(),
        said.vendor("v1", "Copperfield Freight"),
        said.bill("b1", 400_000),
        said.bill("b2", 310_000, dated=date(2026, 11, 12), due=date(2026, 11, 27)),
        said.customer("c1", "Mossgate Schools"),
        said.invoice("i1", 50_000),
    )
    books.prove()
    return books


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TestServer]:
    with mail_server(tmp_path / "mail") as running:
        yield running


@dataclass
class Post:
    """The client's letters, its mail server, and what the log says of them."""

    client: ClientBooks
    server: TestServer
    house: House

    @property
    def letters(self) -> Letters:
        return Letters(self.house, self.client.business)

    @property
    def business_id(self) -> str:
        return self.client.business.business_id

    def is_due(self) -> None:
        with self.client.firm.database.writing(self.client.scope) as session:
            set_due(session, self.client.scope, DIGEST, self.client.firm.clock.now())

    def work(self) -> None:
        letter_work(self.house, self.business_id, "a run")

    def due(self) -> BusinessDue:
        with self.client.firm.database.reading(self.client.scope) as session:
            row = find_due(session, self.client.scope, DIGEST)
            assert row is not None
            session.expunge(row)
            return row

    def log(self) -> list[str]:
        with self.client.firm.database.reading(self.client.scope) as session:
            lines = list(translog.lines(session, self.business_id))
        assert translog.verify(lines)[1] == []
        return [line.action for line in lines if line.action.startswith("letter.")]

    def written_down(self, folder: Path) -> Path:
        """The settings, for a process of its own."""
        said_ = dataclasses.asdict(self.house.settings)
        file = folder / "settings.json"
        file.write_text(json.dumps({**said_, "key_file": str(self.house.settings.key_file)}))
        return file


@pytest.fixture
def post(client: ClientBooks, server: TestServer, settings: Settings, transport: Transport) -> Post:
    database, now = client.firm.database, client.firm.clock.now()
    firm_id = client.business.firm_id
    with database.writing(Scope(firm_id)) as session:
        people = PeopleService(session, firm_id)
        people.add("odell", "Odell Marsh", side="client", email=None, now=now, actor=ACTOR)
        people.grant(client.business.business_id, "odell", "client_owner", now=now, actor=ACTOR)
    with database.writing(client.scope) as session:
        odell = PeopleService(session, firm_id).acting(client.business.business_id, "odell")
        PolicyService(session, firm_id).write(client.business, POLICY, reason="letters", by=odell, now=now)
    settings = dataclasses.replace(settings, smtp_url=server.url)
    house = House(settings, database, make_vault(settings), client.firm.clock, transport)
    return Post(client, server, house)
