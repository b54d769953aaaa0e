"""A client's Ramp: linked by an app of its own there (client credentials), opened, synced, unlinked."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import msgspec
from sqlalchemy.orm import Session

from interlock.app.house import House
from interlock.domains.ap.services.payment_steps import may_still_leave
from interlock.domains.firm.models import Business
from interlock.domains.ramp import grant
from interlock.domains.ramp.client import RampClient, Still
from interlock.domains.ramp.grant import KeysStore, Tokens
from interlock.domains.ramp.mapper import RAIL
from interlock.domains.ramp.pacing import REQUESTS, Pacer
from interlock.domains.ramp.rail import BusinessFacts, RampRail
from interlock.domains.ramp.services.sync_service import RampSyncService
from interlock.domains.ramp.subscribing import Subscribing
from interlock.infra.locks import held
from interlock.kernel.errors import InterlockError
from interlock.kernel.scope import Scope
from interlock.rails import connections, schedule
from interlock.rails.connections import Connection, Keys, NotLinked
from interlock.rails.ports import Disconnected, SyncsRail

log = logging.getLogger("interlock.ramp")

_PROBE_SECONDS = 120.0
_ENDING_SECONDS = 30.0


def connect_ramp(
    house: House,
    business: Business,
    *,
    actor: str,
    client_id: str,
    client_secret: str,
    hook_secret: str = "",
    read_only: bool = False,
) -> BusinessFacts:
    """Link a client's Ramp, or give the link a new app. Everything a sync reads is tried before anything is saved.

    ``read_only`` asks for no scope that writes: bills are then read, and neither paid nor handed off. ``hook_secret`` verifies
    notices to the client's own address; one known before stays. Raises the rail errors (``ScopeMissing`` names what the app lacks),
    and ``Refused`` for a Ramp business that serves another client.
    """
    client_id, client_secret = grant.checked(client_id.strip(), client_secret.strip())
    scopes = " ".join(grant.READING if read_only else (*grant.READING, *grant.WRITING))
    store = FreshKeys(Keys(client_id, client_secret, hook_secret.strip()))
    rail = RampRail(
        _client(house, store, scopes, Pacer(limited=False)), "", house.clock.now, lambda _key: nullcontext()
    )
    found = house.transport.run(rail.business(), _PROBE_SECONDS)
    house.transport.run(rail.try_reading(), _PROBE_SECONDS)
    scope, now = Scope(business.firm_id, business.business_id), house.clock.now()
    with house.database.writing(scope) as session:
        schedule.hasten(session, scope, RAIL, due_at=now, reason="connected", mended=True)
        connections.connect(
            session,
            scope,
            house.vault,
            rail=RAIL,
            external_id=found.id,
            grant=_with_hook_secret(house, session, scope, store.keys),
            now=now,
            actor=actor,
            scopes=scopes,
        )
    return found


def disconnect_ramp(house: House, business: Business, *, actor: str) -> Disconnected:
    """Revoke our token at Ramp, forget the app's keys, keep the history; harmless when it is disconnected."""
    scope = Scope(business.firm_id, business.business_id)
    with house.database.reading(scope) as session:
        linked = connections.find(session, scope, RAIL)
        before, ramp_id, scopes = linked.state, linked.external_id, linked.scopes
    if before == connections.DISCONNECTED:
        said = f"{business.name} was disconnected from Ramp before; nothing was changed."
        return Disconnected(business.business_id, business.slug, True, said)
    store = StoredKeys(house, scope)
    with store.refreshing():  # a token asked for meanwhile would outlive us
        trouble = _told(house, store, scopes, business.business_id)
        with house.database.writing(scope) as session:
            connections.disconnect(session, scope, RAIL, house.clock.now(), actor, revoked=trouble is None)
    there = f"Its app is ended in Ramp by a person: business {ramp_id}, Developer."
    told = "and its token is revoked" if trouble is None else f"but Ramp could not be told ({trouble})"
    said = f"{business.name} is disconnected from Ramp here, {told}. {there} Its history stays readable."
    return Disconnected(business.business_id, business.slug, trouble is None, said)


def ramp_rail(house: House, scope: Scope) -> RampRail | None:
    """The rail of a linked client; ``None`` without a link."""
    with house.database.reading(scope) as session:
        found = session.get(Connection, (scope.business_id, RAIL))
        if found is None or found.firm_id != scope.firm_id or found.state == connections.DISCONNECTED:
            return None
        hook_secret = connections.keys_of(session, scope, house.vault, RAIL).hook_secret
        ramp_id, scopes = found.external_id, found.scopes
    client = _client(house, StoredKeys(house, scope), scopes, _pacer(house, ramp_id))

    @contextmanager
    def alone(key: str) -> Iterator[Still]:
        with held(house.database, f"payment by Ramp:{scope.business_id}:{key}"):
            yield lambda: _may_still_leave(house, scope, key)

    return RampRail(client, ramp_id, house.clock.now, alone, hook_secret=hook_secret)


def _may_still_leave(house: House, scope: Scope, key: str) -> bool:
    with house.database.reading(scope) as session:
        return may_still_leave(session, str(scope.business_id), key, house.clock.now())


def ramp_calls(house: House, scope: Scope) -> RampClient:
    """The calls themselves, for what is no capability of the rail; ``NotFound`` or ``NotLinked`` without a link."""
    with house.database.reading(scope) as session:
        linked = connections.find(session, scope, RAIL)
        connections.keys_of(session, scope, house.vault, RAIL)
        ramp_id, scopes = linked.external_id, linked.scopes
    return _client(house, StoredKeys(house, scope), scopes, _pacer(house, ramp_id))


def ramp_sync(house: House, business: Business) -> SyncsRail:
    """The sync of one client's Ramp."""
    scope = Scope(business.firm_id, business.business_id)

    def opened() -> RampRail:
        rail = ramp_rail(house, scope)
        if rail is None:
            with house.database.reading(scope) as session:
                connections.find(session, scope, RAIL)
            raise NotLinked("This business is disconnected from Ramp; connect it again first.")
        return rail

    return RampSyncService(
        business.business_id, firm_id=business.firm_id, opens=opened, parts=house.sync_parts(RAIL, business)
    )


@dataclass
class StoredKeys:
    """A connection's keys in the database (``grant.KeysStore``)."""

    house: House
    scope: Scope

    def load(self) -> Keys:
        with self.house.database.reading(self.scope) as session:
            return connections.keys_of(session, self.scope, self.house.vault, RAIL)

    def keep(self, fresh: Keys, was: Keys) -> Keys:
        with self.house.database.writing(self.scope) as session:
            session.get(Connection, (self.scope.business_id, RAIL), with_for_update=True)
            stands = connections.keys_of(session, self.scope, self.house.vault, RAIL)
            if (stands.name, stands.secret) != (was.name, was.secret):
                return stands  # a person connected anew meanwhile: theirs count
            kept = msgspec.structs.replace(fresh, hook_secret=stands.hook_secret)
            connections.keep_keys(session, self.scope, self.house.vault, RAIL, kept, self.house.clock.now())
        return kept

    def set_hook_secret(self, secret: str) -> str:
        """Replace the secret of notices; the one before."""
        with self.house.database.writing(self.scope) as session:
            session.get(Connection, (self.scope.business_id, RAIL), with_for_update=True)
            stands = connections.keys_of(session, self.scope, self.house.vault, RAIL)
            kept = msgspec.structs.replace(stands, hook_secret=secret)
            connections.keep_keys(session, self.scope, self.house.vault, RAIL, kept, self.house.clock.now())
        return stands.hook_secret

    def refreshing(self) -> AbstractContextManager[None]:
        return held(self.house.database, f"token refresh:{RAIL}:{self.scope.business_id}", wait=True)


@dataclass
class FreshKeys:
    """Keys that somebody just brought; kept here until the connection they prove is saved (``grant.KeysStore``)."""

    keys: Keys

    def load(self) -> Keys:
        return self.keys

    def keep(self, fresh: Keys, was: Keys) -> Keys:
        del was
        self.keys = fresh
        return fresh

    def refreshing(self) -> AbstractContextManager[None]:
        return nullcontext()


def _with_hook_secret(house: House, session: Session, scope: Scope, keys: Keys) -> Keys:
    """The secret of notices to the client's address outlives a change of the app's own keys."""
    known = session.get(Connection, (scope.business_id, RAIL))
    if keys.hook_secret or known is None or known.state == connections.DISCONNECTED:
        return keys
    before = connections.keys_of(session, scope, house.vault, RAIL)
    return msgspec.structs.replace(keys, hook_secret=before.hook_secret)


def hook_url(house: House, business_id: str) -> str | None:
    """Where Ramp reaches this client's notices, if anywhere."""
    public = house.settings.public_url
    return None if public is None else f"{public.rstrip('/')}/webhooks/ramp/{business_id}"


def _pacer(house: House, ramp_id: str) -> Pacer:
    name = f"{RAIL}:{ramp_id}"
    return house.part(name, lambda: Pacer(limited=house.limited, requests=house.governor.source(name, REQUESTS)))


def _client(house: House, store: KeysStore, scopes: str, pacer: Pacer) -> RampClient:
    url = house.settings.ramp_api_url
    tokens = Tokens(url, house.transport, store, house.clock.now, scopes or " ".join((*grant.READING, *grant.WRITING)))
    return RampClient(url, house.transport, tokens, pacer, patience=house.patience)


def _told(house: House, store: KeysStore, scopes: str, business_id: str) -> str | None:
    """End what Ramp sends us and revoke the token we hold; why that couldn't be done, or ``None``."""
    client = _client(house, store, scopes, Pacer(limited=False))
    url = hook_url(house, business_id)
    try:
        if url is not None and store.load().hook_secret:
            house.transport.run(Subscribing(client).unsubscribe(url), _ENDING_SECONDS)
        house.transport.run(client.end(), _ENDING_SECONDS)
    except InterlockError as trouble:
        log.warning("Ramp could not be told of a disconnect: %s", trouble.sentence)
        return trouble.sentence
    return None
