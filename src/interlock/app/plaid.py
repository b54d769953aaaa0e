"""Plaid in this house: the rail bound to a business, its sync, and who hears its notices."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select

from interlock.app.house import House
from interlock.domains.firm.models import Business, Firm
from interlock.domains.plaid.client import PlaidClient
from interlock.domains.plaid.keys import VerificationKeys
from interlock.domains.plaid.mapper import RAIL as PLAID
from interlock.domains.plaid.pacing import BALANCES, CALLS, Pacer
from interlock.domains.plaid.rail import Linking, PlaidRail
from interlock.domains.plaid.services.sync_service import PlaidSyncService
from interlock.kernel.errors import NotFound
from interlock.kernel.scope import Scope
from interlock.rails import connections, items

log = logging.getLogger("interlock.plaid")

HOOK_PATH = "/webhooks/plaid"
_LISTENERS_PATIENCE = 2.0
_NOBODY = Scope("")


@dataclass
class PlaidOffice:
    """What a process keeps of Plaid: the limits of the installation's one account there, and the keys it signs with."""

    pacer: Pacer
    keys: VerificationKeys

    async def close(self) -> None:
        await self.pacer.close()


def plaid_rail(house: House, scope: Scope) -> PlaidRail | None:
    """The rail of a business that has linked banks; ``None`` where it has none (any more).

    ``NotConfigured`` where the installation's own keys are missing.
    """
    with house.database.reading(scope) as session:
        linked = session.get(connections.Connection, (scope.business_id, PLAID))
        if linked is None or linked.firm_id != scope.firm_id or linked.state == connections.DISCONNECTED:
            return None
    return rail_for(house, scope)


def rail_for(house: House, scope: Scope, secret_of: Callable[[str], str] | None = None) -> PlaidRail:
    """The rail for a business, linked or to be linked. ``secret_of``: tokens that aren't saved yet."""
    with house.database.reading(scope) as session:
        shown_as = session.scalars(select(Firm.name).where(Firm.firm_id == scope.firm_id)).first()
    asks = Linking(str(scope.business_id), shown_as or "Interlock", hook_url(house))
    return _rail(house, asks, secret_of or partial(_stored, house, scope), scope.firm_id, house.patience)


def plaid_listener(house: House) -> PlaidRail | None:
    """Who hears deliveries: Plaid signs them all alike, whose login it is stands in them. ``None`` without our keys."""
    if not house.settings.plaid_client_id or not house.settings.plaid_secret:
        return None
    return _rail(house, Linking("", "", None), partial(_stored, house, _NOBODY), "", _LISTENERS_PATIENCE)


def plaid_sync(house: House, business: Business) -> PlaidSyncService:
    """The sync of one business's banks."""
    scope = Scope(business.firm_id, business.business_id)
    return PlaidSyncService(
        scope, house.database, opens=lambda: _opened(house, scope), parts=house.sync_parts(PLAID, business)
    )


def hook_url(house: House) -> str | None:
    """Where Plaid can reach us, if anywhere."""
    public = house.settings.public_url
    return None if public is None else public.rstrip("/") + HOOK_PATH


def _opened(house: House, scope: Scope) -> PlaidRail:
    rail = plaid_rail(house, scope)
    if rail is None:
        raise connections.NotLinked("This business has no bank linked; link one with `interlock connect plaid`.")
    return rail


def _rail(house: House, asks: Linking, secret_of: Callable[[str], str], pepper: str, patience: float) -> PlaidRail:
    client_id, secret = house.settings.plaid_app()
    office = house.part(PLAID, partial(_office, house, client_id))
    client = PlaidClient(
        house.settings.plaid_api_url, client_id, secret, house.transport, office.pacer, patience=patience
    )
    return PlaidRail(client, secret_of, asks, keys=office.keys, now=house.clock.now, pepper=pepper)


def _office(house: House, client_id: str) -> PlaidOffice:
    pacer = Pacer(
        limited=house.limited,
        calls=house.governor.source(f"{PLAID}:{client_id}", CALLS),
        balances=house.governor.source(f"{PLAID}:{client_id}:balances", BALANCES),
    )
    return PlaidOffice(pacer, VerificationKeys(house.clock.now))


def _stored(house: House, scope: Scope, item_id: str) -> str:
    """A login's token as it is now."""
    with house.database.reading(scope) as session:
        item = items.find(session, scope, PLAID, item_id)
        if item.state == items.REMOVED:
            raise NotFound("This bank login was removed; link the bank again.")
        return items.secret_of(house.vault, item)
