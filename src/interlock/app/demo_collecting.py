"""Where the demo's clients keep what Stripe owes them: two have accounts for it in their books, and their bookkeeper says so."""

from collections.abc import Sequence

import msgspec
from sqlalchemy.orm import Session

from interlock.app.demo_world import CannotHappen
from interlock.app.house import House
from interlock.domains.ar.services.collecting_setup import CollectingSetupService
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.infra.transport import Request
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection

COLLECTS = (0, 5)
"""By their place in the firm's list: one whose payments people enter, and the one that lets the books be written to."""
_CLEARING, _FEES = "Stripe Clearing", "Merchant Fees"
_ACCOUNTS = ((_CLEARING, "Other Current Asset", "OtherCurrentAssets"), (_FEES, "Expense", "BankCharges"))
_CONTROLLER = "wren"
_THROUGH = "demo"
_ANSWER_SECONDS = 30.0


def open_accounts(house: House, url: str, clients: Sequence[Business]) -> None:
    """Their books get the two accounts, before they are first read; those that have them keep them."""
    for client in _of(clients):
        with house.database.reading(Scope(client.firm_id, client.business_id)) as session:
            realm = session.get_one(Connection, (client.business_id, QBO)).external_id
        for name, kind, sub_kind in _ACCOUNTS:
            body = msgspec.json.encode({"name": name, "kind": kind, "sub_kind": sub_kind})
            address = f"{url}/control/companies/{realm}/open-account"
            sent = Request("POST", address, (), {"Content-Type": "application/json"}, body)
            reply = house.transport.run(house.transport.send(sent), _ANSWER_SECONDS)
            if reply.status != 200:
                raise CannotHappen(f"The demo’s QuickBooks answered {reply.status}; is its sandbox still running?")


def choose_accounts(house: House, clients: Sequence[Business]) -> None:
    """The controller says which they are, where nobody has said anything about it yet."""
    for client in _of(clients):
        with house.database.writing(Scope(client.firm_id, client.business_id)) as session:
            setup = CollectingSetupService(session, client)
            if setup.setup().changed_at is None:
                _choose(house, session, client, setup)


def _choose(house: House, session: Session, client: Business, setup: CollectingSetupService) -> None:
    there = {each.name: each.id for each in (*setup.clearing_accounts(), *setup.fee_accounts())}
    controller = PeopleService(session, client.firm_id).acting(client.business_id, _CONTROLLER, through=_THROUGH)
    setup.choose(there.get(_CLEARING), there.get(_FEES), by=controller, now=house.clock.now())


def _of(clients: Sequence[Business]) -> list[Business]:
    return [clients[place] for place in COLLECTS if place < len(clients)]
