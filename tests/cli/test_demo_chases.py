"""The demo's late payers are asked in three stages: its clock goes on, its workers write, its mail server keeps what they wrote."""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from interlock.app.cli.demo import _bring_in
from interlock.app.demo import Wish, opened, staged
from interlock.app.demo_chasing import CHASES
from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.app.worker import embedded
from interlock.domains.ar.policy.chasing import CHASE, STAGES
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.firm.services.calendar_service import find_due
from interlock.kernel.scope import Scope, SystemScope
from tests.web.serving import Served, served

_WEEK_MINUTES = 7 * 24 * 60
_WEEKS = 3
_WAIT_SECONDS = 300.0
_SOON = timedelta(minutes=20)
_INVOICE = re.compile(r"[Ii]nvoice (\S+) from ")


@dataclass
class Town:
    """The demo with workers beside its pages. ``ended`` is set when one of their runs is over."""

    at: Served
    house: House
    client: Business
    mail: Path
    ended: threading.Event

    def a_week_passes(self) -> None:
        body = json.dumps({"minutes": _WEEK_MINUTES})
        answer = self.at.ask("POST", "/api/v1/demo/clock", headers=self.at.bearer(), body=body)
        assert answer.status == 200, answer.text
        self.all_is_written()

    def all_is_written(self) -> None:
        """What is due by the demo's clock went out, by the workers alone."""
        while self._is_due():
            self.ended.clear()
            if self._is_due():
                assert self.ended.wait(_WAIT_SECONDS), "no worker came to the reminders that are due"

    def letters(self) -> list[EmailMessage]:
        found = [message_from_bytes(each.read_bytes(), policy=default) for each in sorted(self.mail.glob("*.eml"))]
        return [each for each in found if isinstance(each, EmailMessage) and each["List-Unsubscribe"]]

    def _is_due(self) -> bool:
        scope = Scope(self.client.firm_id, self.client.business_id)
        with self.house.database.reading(scope) as session:
            row = find_due(session, scope, CHASE)
            assert row is not None, "the chase is on, so the calendar has a row of it"
            return row.due_at <= self.house.clock.now() + _SOON  # while books are being read it is looked at again soon


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with staged(Wish(CHASES + 1, 7, tmp_path)) as scene, opened(scene) as house:
        _bring_in(house, scene)
        with house.database.reading(SystemScope("whose demo it is")) as session:
            firm = the_firm(session, None, house.clock.now()).firm_id
        with house.database.reading(Scope(firm)) as session:
            client = BusinessService(session, firm).find(scene.world.clients[CHASES].name)
            session.expunge(client)
        ended = threading.Event()
        with (
            embedded(house, lambda _business_id: ended.set()),
            served(create_app(house), local_token(house.settings.key_file)) as at,
        ):
            yield Town(at, house, client, tmp_path / "mail", ended)


def test_late_payers_are_asked_in_three_stages_as_the_clock_goes_on(town: Town) -> None:
    town.all_is_written()
    for _ in range(_WEEKS):
        town.a_week_passes()
    subjects: dict[str, list[str]] = defaultdict(list)
    for letter in town.letters():
        found = _INVOICE.search(str(letter["Subject"]))
        assert found is not None, letter["Subject"]
        subjects[found.group(1)].append(str(letter["Subject"]))
    chased = {invoice: said for invoice, said in subjects.items() if len(said) == len(STAGES)}
    assert chased, f"nobody was asked three times in {_WEEKS} weeks: {dict(subjects)}"
    for said in chased.values():
        assert "overdue" in said[1] and said[2].startswith("Final reminder"), said
    assert all(len(set(said)) == len(said) <= len(STAGES) for said in subjects.values()), "a stage went twice"
