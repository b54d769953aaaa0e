"""Alder & Wren, whose customer Mossgate Schools is late, over both databases, beside a mail server."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from interlock.app.chasing import Chaser
from interlock.app.house import House
from interlock.app.opening import make_vault
from interlock.app.settings import Settings
from interlock.domains.ar.chasing_models import Reminder
from interlock.domains.ar.policy.chasing import CHASE, STAGES, Manner, Stage
from interlock.domains.ar.services.chase_service import ChaseService, Decided
from interlock.domains.firm.policy.values import Policy
from interlock.domains.firm.services.calendar_service import find_due
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.timetable import BusinessDue
from interlock.infra import translog
from interlock.infra.transport import Transport
from interlock.kernel.scope import Scope
from tests.letters.conftest import client, database, server, settings, transport
from tests.runway.conftest import ACTOR, ClientBooks
from tests.support.mail import TestServer

__all__ = ["Chase", "chase", "client", "database", "server", "settings", "transport"]

REPLY_TO = "odell@alder-and-wren.example"
CUSTOMER = "accounts@mossgate.example"


@dataclass
class Chase:
    """The client's chase, its mail server, and what the log says of it."""

    client: ClientBooks
    server: TestServer
    house: House

    @property
    def business_id(self) -> str:
        return self.client.business.business_id

    @property
    def now(self) -> datetime:
        return self.client.firm.clock.now()

    def act(self, what: Any) -> Any:
        """``what`` is given the service, acting as Odell, in a transaction of its own."""
        with self.client.firm.database.writing(self.client.scope) as session:
            odell = PeopleService(session, self.client.business.firm_id).acting(self.business_id, "odell")
            service = ChaseService(session, self.client.business, acting=odell, policy=Policy, now=self.now)
            found = what(service)
            session.flush()
            return found

    def begin(self, *stages: Stage, **manner: Any) -> None:
        """Customers are asked from now on, with the words of ``stages`` (all of them) read and accepted."""
        for stage in stages or STAGES:
            self.act(lambda service, stage=stage: service.accept_words(stage, service.words(stage)[0].digest))
        self.act(
            lambda service: service.choose(Manner(on=True, **manner), sender_name="Odell Marsh", reply_to=REPLY_TO)
        )

    def decide(self, invoice_id: str, **said: Any) -> None:
        self.act(lambda service: service.decide([invoice_id], Decided(**said)))

    def run(self, *, read: bool = True) -> int:
        """A worker's run, as the calendar would begin it at this moment; the books were ``read`` just before."""
        if read:
            self.client.say()
        return Chaser(self.house, self.client.business).run()

    def days_pass(self, days: int) -> list[str]:
        """Day by day, each with a run; the stages that were sent."""
        before = len(self.sent())
        for _ in range(days):
            self.client.firm.clock.at += timedelta(days=1)
            self.run()
        return [each["X-Stage"] or each["Subject"] for each in self.sent()[before:]]

    def sent(self) -> list[EmailMessage]:
        return self.server.messages()

    def rows(self) -> list[Reminder]:
        with self.client.firm.database.reading(self.client.scope) as session:
            found = list(session.scalars(select(Reminder).order_by(Reminder.begun_at, Reminder.reminder_id)))
            session.expunge_all()
            return found

    def due(self) -> BusinessDue | None:
        with self.client.firm.database.reading(self.client.scope) as session:
            row = find_due(session, self.client.scope, CHASE)
            if row is not None:
                session.expunge(row)
            return row

    def log(self, start: str = "") -> list[str]:
        with self.client.firm.database.reading(self.client.scope) as session:
            lines = list(translog.lines(session, self.business_id))
        assert translog.verify(lines)[1] == [], "the log's chain is broken"
        starts = (start,) if start else ("reminder.", "chase.", "chasing.", "promise.")
        return [line.action for line in lines if line.action.startswith(starts)]

    def written_down(self, folder: Path) -> Path:
        """The settings, for a process of its own."""
        file = folder / "settings.json"
        said = {**dataclasses.asdict(self.house.settings), "key_file": str(self.house.settings.key_file)}
        file.write_text(json.dumps(said))
        return file


@pytest.fixture
def chase(client: ClientBooks, server: TestServer, settings: Settings, transport: Transport) -> Chase:
    database, now, firm_id = client.firm.database, client.firm.clock.now(), client.business.firm_id
    with database.writing(Scope(firm_id)) as session:
        people = PeopleService(session, firm_id)
        people.add("odell", "Odell Marsh", side="client", email=None, now=now, actor=ACTOR)
        people.grant(client.business.business_id, "odell", "client_owner", now=now, actor=ACTOR)
    settings = dataclasses.replace(settings, smtp_url=server.url, public_url="https://desk.example.com")
    house = House(settings, database, make_vault(settings), client.firm.clock, transport)
    return Chase(client, server, house)
