"""Reading what others say before something rests on it: rails whose word is too old are read now, not when their turn comes."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.kernel.scope import Scope
from interlock.rails.connections import DISCONNECTED, Connection, sync_state
from interlock.rails.errors import RailError, spoken


def read_first(house: House, business: Business, rails: Collection[str], *, within: timedelta) -> str | None:
    """Read those of ``rails`` that are linked and were not read ``within`` that time; why one can't be read, in a sentence.

    ``Busy`` where somebody reads one this very moment: what it brings is not here yet.
    """
    scope = Scope(business.firm_id, business.business_id)
    for rail in (each for each in house.build if each.name in rails):
        with house.database.reading(scope) as session:
            query = select(Connection.state).where(
                Connection.business_id == business.business_id, Connection.rail == rail.name
            )
            linked = session.scalars(query).first()
            last = sync_state(session, scope, rail.name).last_sync
        if linked in (None, DISCONNECTED) or (last is not None and house.clock.now() - last <= within):
            continue
        sync, _ = rail.work(house, business)
        try:
            sync.sync()
        except RailError as trouble:
            return f"{spoken(rail.name)} could not be read: {trouble.sentence}"
    return None
