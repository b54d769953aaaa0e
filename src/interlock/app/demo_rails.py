"""The demo's other rails: most clients have all of them, some lack one or more, so that every state of a feature shows."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from interlock.app.bank_taking import connect_plaid
from interlock.app.house import House
from interlock.app.plaid import plaid_sync
from interlock.app.ramp import connect_ramp
from interlock.app.stripe import connect_stripe
from interlock.domains.firm.models import Business
from interlock.domains.plaid.mapper import RAIL as PLAID
from interlock.infra.transport import Request, Transport
from interlock.kernel.errors import SetupBroken
from interlock.kernel.scope import Scope
from interlock.rails.connections import Connection

_ANSWER_SECONDS = 30.0
_ACTOR = "demo"
_WITHOUT_BANK, _BOOKS_ALONE = 3, 7
"""By their place in the firm's list: a client whose bank nobody linked yet, and one that has QuickBooks alone."""


class BankLogin(msgspec.Struct, frozen=True):
    institution_id: str


class PlaidKeys(msgspec.Struct, frozen=True):
    client_id: str
    secret: str
    logins: list[BankLogin] = []


class RampKeys(msgspec.Struct, frozen=True):
    client_id: str
    client_secret: str


class StripeKeys(msgspec.Struct, frozen=True):
    secret_key: str


class RailsOfClient(msgspec.Struct, frozen=True):
    """What the sandbox has of a company beside its books; ``None`` where it has no account there."""

    name: str
    slug: str
    ramp: RampKeys | None = None
    plaid: PlaidKeys | None = None
    stripe: StripeKeys | None = None


class Rails(msgspec.Struct, frozen=True):
    clients: list[RailsOfClient]


def read_rails(transport: Transport, url: str) -> list[RailsOfClient]:
    """Credentials for every rail, as the sandbox hands them out."""
    reply = transport.run(transport.send(Request("GET", f"{url}/control/rails")), _ANSWER_SECONDS)
    return msgspec.json.decode(reply.body, type=Rails).clients


def link_rails(house: House, url: str, clients: Sequence[Business], rails: Sequence[RailsOfClient]) -> int:
    """Link what each client is to have and hasn't yet; how many links were made."""
    by_name = {each.name: each for each in rails}
    made = 0
    for place, client in enumerate(clients):
        there = by_name.get(client.name)
        if there is None or place == _BOOKS_ALONE:
            continue
        linked = _linked(house, client)
        if there.ramp is not None and "ramp" not in linked:
            keys = there.ramp
            connect_ramp(house, client, actor=_ACTOR, client_id=keys.client_id, client_secret=keys.client_secret)
            made += 1
        if there.plaid is not None and place != _WITHOUT_BANK and "plaid" not in linked:
            made += _link_banks(house, url, client, there)
        if there.stripe is not None and "stripe" not in linked:
            connect_stripe(house, client, actor=_ACTOR, key=there.stripe.secret_key)
            made += 1
    return made


def ask_banks(house: House, clients: Sequence[Business]) -> None:
    """Balances of this moment from every bank, so that the first decisions needn't wait for them (check C03)."""
    for client in clients:
        if PLAID in _linked(house, client):
            plaid_sync(house, client).ask_banks()


def _link_banks(house: House, url: str, client: Business, there: RailsOfClient) -> int:
    """Each of the client's banks, as if its owner had been at Plaid's page."""
    assert there.plaid is not None, "who has no banks there is not asked for them"
    for login in there.plaid.logins:
        asked = {
            "client_id": there.plaid.client_id,
            "secret": there.plaid.secret,
            "institution_id": login.institution_id,
            "initial_products": ["transactions"],
            "options": {"override_username": there.slug},
        }
        token = _asked(house, f"{url}/plaid/sandbox/public_token/create", asked)["public_token"]
        connect_plaid(house, client, public_token=str(token), actor=_ACTOR)
    return len(there.plaid.logins)


def _asked(house: House, url: str, body: dict[str, Any]) -> dict[str, Any]:
    sent = Request("POST", url, (), {"Content-Type": "application/json"}, msgspec.json.encode(body))
    reply = house.transport.run(house.transport.send(sent), _ANSWER_SECONDS)
    if reply.status != 200:
        raise SetupBroken(f"The sandbox's Plaid answered {reply.status}: {reply.body[:200].decode(errors='replace')}")
    return msgspec.json.decode(reply.body, type=dict[str, Any])


def _linked(house: House, client: Business) -> set[str]:
    with house.database.reading(Scope(client.firm_id, client.business_id)) as session:
        return set(session.scalars(select(Connection.rail).where(Connection.business_id == client.business_id)))
