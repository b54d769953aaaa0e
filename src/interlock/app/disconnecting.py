"""Unlinking a client's QuickBooks: Intuit is told, the grant is forgotten here, the history stays readable."""

import logging

from interlock.app.house import House, StoredGrant
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.qbo import consent
from interlock.domains.qbo.grant import App
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections
from interlock.rails.ports import Disconnected

log = logging.getLogger("interlock.connecting")

_WHOSE = SystemScope("whose installation this is")
_ANSWER_SECONDS = 30.0


def disconnect_qbo(house: House, business: str, *, actor: str) -> Disconnected:
    """Disconnect a client, by id, slug or name; harmless when it is disconnected. ``NotFound`` without a connection.

    When Intuit can't be told, the grant is forgotten here all the same and the words say what is left to do there.
    """
    with house.database.reading(_WHOSE) as session:
        firm_id = the_firm(session, None, house.clock.now()).firm_id
    with house.database.reading(Scope(firm_id)) as session:
        client = BusinessService(session, firm_id).find(business)
        business_id, name, slug = client.business_id, client.name, client.slug
        scope = Scope(firm_id, business_id)
        realm_id = connections.find(session, scope, QBO).external_id
    there = f"End it in QuickBooks too: company {realm_id}, Apps, My apps, Interlock, Disconnect."
    store = StoredGrant(house, scope)
    with store.refreshing():  # a refresh meanwhile would leave Intuit with a token we no longer name
        with house.database.reading(scope) as session:
            linked = connections.find(session, scope, QBO)
            before, untold = linked.state, linked.trouble is not None
        if before == connections.DISCONNECTED:
            left = f" Intuit could not be told then. {there}" if untold else ""
            said = f"{name} was disconnected before; nothing was changed.{left}"
            return Disconnected(business_id, slug, not untold, said)
        trouble = _told(house, store)
        with house.database.writing(scope) as session:
            connections.disconnect(session, scope, QBO, house.clock.now(), actor, revoked=trouble is None)
    kept = "Its history stays readable; connecting the same company again goes on where it stopped."
    if trouble is None:
        return Disconnected(business_id, slug, True, f"{name} is disconnected, at Intuit too. {kept}")
    said = f"{name} is disconnected here, but Intuit could not be told: {trouble} {there} {kept}"
    return Disconnected(business_id, slug, False, said)


def _told(house: House, store: StoredGrant) -> str | None:
    """Tell Intuit; why it could not be told, or ``None``. A grant Intuit no longer knows has ended already."""
    try:
        settings = house.settings
        app = App(*settings.qbo_app(), settings.qbo_token_url, settings.qbo_api_url)
        ending = consent.revoke(app, house.transport, settings.qbo_revoke_url, store.load())
        house.transport.run(ending, _ANSWER_SECONDS)
    except InterlockError as trouble:
        log.warning("Intuit could not be told of a disconnect: %s", trouble.sentence)
        return trouble.sentence
    return None
