"""Taking QuickBooks' notices in: signature first, then the inbox and the syncs it hastens, in one transaction."""

import logging

from interlock.app.house import House
from interlock.domains.qbo import notifications
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import SystemScope
from interlock.rails import inbox

log = logging.getLogger("interlock.webhooks")

NO_TOKEN = (
    "Set INTERLOCK_QBO_WEBHOOK_TOKEN to the verifier token of your Intuit app's webhooks; until then QuickBooks' notices "
    "are turned away, and books are read by the timetable alone."
)
# One delivery may be about companies of several firms.
_DELIVERY = SystemScope("a delivery of QuickBooks' notices")


class NotListening(InterlockError):
    """Without the verifier token nothing can be told from a forgery."""

    code = "webhooks_not_configured"
    status = 503


class NotGenuine(InterlockError):
    """The body was not signed with our verifier token."""

    code = "bad_signature"
    status = 401


def take_notices(house: House, body: bytes, signature: str) -> inbox.Received:
    """Verify, keep, hasten. ``NotListening`` and ``NotGenuine`` keep nothing."""
    token = house.settings.qbo_webhook_token
    if token is None:
        raise NotListening(NO_TOKEN)
    if not notifications.is_genuine(body, signature, token):
        raise NotGenuine("This notification's signature is not Intuit's over these bytes; nothing was kept.")
    hints = notifications.read(body)
    with house.database.writing(_DELIVERY) as session:
        budget = house.settings.qbo_monthly_reads
        received = inbox.receive(session, QBO, hints, budget=budget, now=house.clock.now())
    if received.strange:
        log.info("%d of %d notices are for companies nobody here is linked to", received.strange, received.new)
    return received
