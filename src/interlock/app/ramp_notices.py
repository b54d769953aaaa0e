"""Ramp's notices to a client's own address: subscribed to, proved by Ramp's challenge, and ended."""

import logging

from interlock.app.house import House
from interlock.app.ramp import StoredKeys, hook_url, ramp_calls
from interlock.domains.firm.models import Business
from interlock.domains.ramp import notifications
from interlock.domains.ramp.mapper import RAIL
from interlock.domains.ramp.subscribing import Subscribed, Subscribing
from interlock.infra import translog
from interlock.kernel.errors import InterlockError, SetupBroken
from interlock.kernel.scope import Scope

log = logging.getLogger("interlock.webhooks")

_ANSWER_SECONDS = 60.0
_CHALLENGE_SECONDS = 8.0  # Ramp waits ten


class NoAddress(SetupBroken):
    """Ramp can't reach an address that nobody set."""

    code = "not_configured"


def subscribe_ramp(house: House, business: Business, *, actor: str) -> Subscribed:
    """Have Ramp tell of this client's bills and payments. Ramp's challenge comes to the address and is answered by ``heard``.

    Until the new secret is saved, deliveries are asked to come again: the challenge may be faster than we are.
    """
    scope = Scope(business.firm_id, business.business_id)
    url, store = hook_url(house, business.business_id), StoredKeys(house, scope)
    if url is None:
        raise NoAddress("Set INTERLOCK_PUBLIC_URL to the address under which Ramp can reach this installation.")
    subscribing = Subscribing(ramp_calls(house, scope))
    before = store.set_hook_secret(notifications.BEING_SUBSCRIBED)
    try:
        made = house.transport.run(subscribing.subscribe(url), _ANSWER_SECONDS)
    except BaseException:  # whatever ended it: the secret before stands again
        store.set_hook_secret("" if before == notifications.BEING_SUBSCRIBED else before)
        raise
    store.set_hook_secret(made.secret)
    with house.database.writing(scope) as session:
        body = {"rail": RAIL, "subscription": made.id, "events": list(made.events)}
        translog.append(
            session, scope, now=house.clock.now(), actor=actor, action="connection.notices_subscribed", body=body
        )
    return made


def heard(house: House, body: bytes, whose: Scope | None) -> None:
    """Answer Ramp's challenge to an address of ours, by the app of the business whose address it is, whatever the body says.

    Called once a delivery is known to be genuine.
    """
    event = notifications.event_of(body)
    if whose is None or event is None or event.type != notifications.VERIFICATION or not event.challenge:
        return
    try:
        subscribing = Subscribing(ramp_calls(house, whose))
        house.transport.run(subscribing.verify(event.object.id, event.challenge), _CHALLENGE_SECONDS)
    except (InterlockError, ValueError) as trouble:  # what brought it may send it again; the timetable reads without it
        log.warning("Ramp's challenge could not be answered: %s", trouble)
