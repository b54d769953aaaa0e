"""What Plaid's notices mean beyond a sync: a session at the hosted page ended, a login will end, a login works again."""

import logging

from sqlalchemy import select

from interlock.app.bank_links import BankLinks
from interlock.app.house import House
from interlock.domains.plaid import notifications
from interlock.domains.plaid.mapper import RAIL as PLAID
from interlock.domains.plaid.notifications import Notice
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import items, schedule
from interlock.rails.items import LinkedItem

log = logging.getLogger("interlock.webhooks")

# A notice names a login, and the login says whose it is.
_WHOSE = SystemScope("whose login a notice is about")
_REPAIRED = "LOGIN_REPAIRED"


def heard(house: House, body: bytes, _address_of: Scope | None) -> None:
    """Follow up a genuine delivery. What a hosted page brought is fetched at once: it can be had for half an hour only.

    Plaid's one address names nobody; its signature is over all that it says.
    """
    notice = notifications.read(body)
    if notice is None:
        return
    if notice.code == notifications.SESSION_FINISHED and notice.link_token:
        _finish(house, notice)
        return
    ends_at = notifications.ends_at(notice, house.clock.now())
    if ends_at is None and notice.code != _REPAIRED:
        return
    scope = _whose(house, notice.item_id)
    if scope is None:
        return
    with house.database.writing(scope) as session:
        now = house.clock.now()
        if ends_at is not None:
            items.ends(session, scope, PLAID, notice.item_id, ends_at, now)
        else:  # its pause was for people to mend it; it mended itself
            schedule.hasten(session, scope, PLAID, due_at=now, reason="a login works again", mended=True)


def _finish(house: House, notice: Notice) -> None:
    try:
        BankLinks(house).told(notice.link_token, notice.public_tokens)
    except InterlockError as trouble:  # whoever waits at the page asks again; the notice itself was taken
        log.warning("what a bank's page brought could not be fetched yet: %s", trouble.sentence)


def _whose(house: House, item_id: str) -> Scope | None:
    with house.database.reading(_WHOSE) as session:
        query = select(LinkedItem.firm_id, LinkedItem.business_id).where(
            LinkedItem.rail == PLAID, LinkedItem.item_id == item_id, LinkedItem.state != items.REMOVED
        )
        found = session.execute(query).first()
    return None if found is None else Scope(*found)
