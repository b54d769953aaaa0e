"""Taking rails' notices in: signature first, then the inbox and the syncs it hastens, in one transaction."""

import logging
from collections.abc import Mapping

from sqlalchemy import select

from interlock.app.house import House
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.kernel.errors import InterlockError, NotFound, SetupBroken
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import inbox
from interlock.rails.connections import Connection, NotLinked
from interlock.rails.errors import spoken
from interlock.rails.listens import ListensForEvents
from interlock.rails.registry import CapabilityMissing

log = logging.getLogger("interlock.webhooks")

NO_TOKEN = (
    "Set INTERLOCK_QBO_WEBHOOK_TOKEN to the verifier token of your Intuit app's webhooks; until then QuickBooks' notices "
    "are turned away, and books are read by the timetable alone."
)
# One delivery may be about companies of several firms.
_DELIVERY = SystemScope("a delivery of notices")
_VERIFY_SECONDS = 4.0  # rails wait three to ten; Plaid's key may have to be asked for first


class NotListening(InterlockError):
    """Without its secret nothing can be told from a forgery."""

    code = "webhooks_not_configured"
    status = 503


class NotGenuine(InterlockError):
    """The body was not signed by who it says it is from, for the business it came for."""

    code = "bad_signature"
    status = 401


def take_notices(
    house: House, rail: str, body: bytes, headers: Mapping[str, str], business_id: str | None = None
) -> inbox.Received:
    """Verify, keep, hasten. ``headers`` by lower-case name; ``business_id`` where the address named one: its own keys verify,

    and it is all the delivery can be about. ``NotListening`` and ``NotGenuine`` keep nothing; so do the rail errors, when the
    rail has to be asked for a key and doesn't answer.
    """
    scope = None if business_id is None else _scope_of(house, rail, business_id)
    listener = _app_wide(house, rail) if scope is None else _of_business(house, rail, scope)
    if not house.transport.run(listener.genuine(body, headers), _VERIFY_SECONDS):
        raise _not_genuine(rail)
    hints = listener.hints(body)
    with house.database.writing(_DELIVERY) as session:
        budget = house.settings.qbo_monthly_reads
        received = inbox.receive(session, rail, hints, budget=budget, now=house.clock.now(), only=scope)
    if received.strange:
        log.info("%d of %d %s notices are of nobody here", received.strange, received.new, spoken(rail))
    follow_up = next((each.heard for each in house.build if each.name == rail), None)
    if follow_up is not None:
        follow_up(house, body, scope)
    return received


def _app_wide(house: House, rail: str) -> ListensForEvents:
    """Who hears deliveries that come to one address for all businesses."""
    build = next((each for each in house.build if each.name == rail), None)
    if build is None or build.listens is None:
        raise NotFound(f"{spoken(rail)} delivers no notices to this address.")
    listener = build.listens(house)
    if listener is None:
        raise NotListening(
            NO_TOKEN if rail == QBO else f"{spoken(rail)}’s notices can’t be verified: its keys are not set."
        )
    return listener


def _of_business(house: House, rail: str, scope: Scope) -> ListensForEvents:
    try:
        return house.registry.require(scope, ListensForEvents, rail=rail)
    except (CapabilityMissing, NotLinked):
        raise _not_genuine(rail) from None
    except SetupBroken as broken:  # what is missing here is nothing to tell whoever knocks
        log.warning("%s’s notices can’t be verified: %s", spoken(rail), broken.sentence)
        raise _not_genuine(rail) from None


def _scope_of(house: House, rail: str, business_id: str) -> Scope:
    """Whose address it was. Strangers are told the same as forgers: nobody learns here which businesses there are."""
    linked = select(Connection.firm_id).where(Connection.business_id == business_id, Connection.rail == rail)
    with house.database.reading(_DELIVERY) as session:
        firm_id = session.execute(linked).scalars().first()
    if firm_id is None:
        raise _not_genuine(rail)
    return Scope(firm_id, business_id)


def _not_genuine(rail: str) -> NotGenuine:
    whose = "Intuit" if rail == QBO else spoken(rail)
    return NotGenuine(f"This notification's signature is not {whose}'s over these bytes; nothing was kept.")
