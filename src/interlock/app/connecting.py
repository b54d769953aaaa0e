"""Connecting a client's QuickBooks: probe first, save only what proved itself."""

from datetime import date

from interlock.app.house import FreshGrant, House
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.kernel.clock import local_date, zone
from interlock.kernel.errors import BadInput
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections, facts
from interlock.rails.connections import Grant

_FALLBACK_ZONE = "America/New_York"
_FIRM_NAME = "Our firm"


def connect_qbo(
    house: House,
    *,
    name: str,
    realm_id: str,
    refresh_token: str,
    actor: str,
    control_start: date | None = None,
    firm_name: str | None = None,
) -> Business:
    """Take ``realm_id`` on as the client ``name``, or give that client a new grant.

    The grant is tried by reading the company's settings, which also say its currency and time zone; when that fails
    nothing is saved. Raises the rail errors, and ``Refused`` for a realm that serves another business.
    """
    if not realm_id.isdigit():
        raise BadInput(f"A QuickBooks realm id is a number, not {realm_id!r}.")
    if not refresh_token.strip():
        raise BadInput("A refresh token is needed; an empty one was given.")
    store = FreshGrant(Grant(refresh_token=refresh_token.strip()))
    rail = house.qbo_rail(realm_id, "USD", store)
    (settings,) = house.transport.run(rail.preferences(1)).facts
    assert isinstance(settings, facts.Preferences), "the settings page holds the settings"
    time_zone = settings.time_zone or _FALLBACK_ZONE
    zone(time_zone)
    now = house.clock.now()
    with house.database.writing(SystemScope("taking a client on")) as session:
        firm = the_firm(session, firm_name or _FIRM_NAME, now)
        businesses = BusinessService(session, firm.firm_id)
        business = next((known for known in businesses.list_businesses() if known.name == name.strip()), None)
        if business is None:
            business = businesses.take_on(
                name,
                home_currency=settings.home_currency,
                time_zone=time_zone,
                control_start=control_start or local_date(now, time_zone),
                now=now,
                actor=actor,
            )
        scope = Scope(firm.firm_id, business.business_id)
        connections.connect(
            session, scope, house.vault, rail=QBO, external_id=realm_id, grant=store.grant, now=now, actor=actor
        )
        session.expunge(business)
    return business
