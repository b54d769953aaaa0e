"""How the demo's clients pay: one hands bills to Ramp, one has them created there, all others pay outside."""

from collections.abc import Sequence

import msgspec

from interlock.app.demo_world import CannotHappen
from interlock.app.house import House
from interlock.domains.ap.policy.course import Way
from interlock.domains.ap.services.paying_setup import PayingSetupService
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.domains.ramp.mapper import RAIL as RAMP
from interlock.infra.transport import Request
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection
from interlock.runway.desk import Desk

HANDS_OFF, CREATES = 1, 5
"""By their place in the firm's list."""
_ACTOR = "demo"
_ANSWER_SECONDS = 30.0


def open_ramp_anew(house: House, url: str, clients: Sequence[Business]) -> None:
    """The Ramp accounts of those who pay there from here are new: nothing in them came from the books.

    What is handed off Ramp writes into the books by itself; nothing of what is created there goes to them. Before they are
    linked; one from an earlier run stays as it is.
    """
    for place in (HANDS_OFF, CREATES):
        for client in clients[place : place + 1]:
            scope = Scope(client.firm_id, client.business_id)
            with house.database.reading(scope) as session:
                if session.get(Connection, (client.business_id, RAMP)) is not None:
                    continue
                realm = session.get_one(Connection, (client.business_id, QBO)).external_id
            _told(house, f"{url}/control/ramp/{realm}/begin-anew", {})
            if place == HANDS_OFF:
                switches = {"accounting_sync": True, "imports_payments": True}
                _told(house, f"{url}/control/ramp/{realm}/settings", switches)


def _told(house: House, address: str, body: dict[str, bool]) -> None:
    sent = Request("POST", address, (), {"Content-Type": "application/json"}, msgspec.json.encode(body))
    reply = house.transport.run(house.transport.send(sent), _ANSWER_SECONDS)
    if reply.status != 200:
        raise CannotHappen(f"The demo’s Ramp answered {reply.status}; is its sandbox still running?")


def choose_ways(house: House, desk: Desk, clients: Sequence[Business]) -> None:
    """Each owner says how they pay, where they haven't yet; the one who has bills created lets the books be written to."""
    ways: tuple[tuple[int, Way], ...] = ((HANDS_OFF, "hand_off"), (CREATES, "create"))
    for place, way in ways:
        for client in clients[place : place + 1]:
            with house.database.reading(Scope(client.firm_id, client.business_id)) as session:
                paying = PayingSetupService(session, client)
                if paying.setup().changed_at is not None or not paying.connected():
                    continue
            _choose(house, client, way)
            if way == "create":
                with desk.writing(client.business_id) as at:
                    at.recording.switch(True, _ACTOR)


def _choose(house: House, client: Business, way: Way) -> None:
    with house.database.writing(Scope(client.firm_id, client.business_id)) as session:
        people = PeopleService(session, client.firm_id)
        owner = next(person.handle for person, roles in people.at(client.business_id) if "client_owner" in roles)
        paying = PayingSetupService(session, client)
        accounts = paying.funding_accounts()
        paying.choose(
            way,
            "ach",
            accounts[0].id if accounts else None,
            declares_no_accounting=way == "create",
            by=people.acting(client.business_id, owner, through=_ACTOR),
            now=house.clock.now(),
        )
