"""A client's Stripe account: linked by a key of its own or through the platform's (Connect), opened, synced, unlinked."""

from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.domains.stripe.client import Access, StripeClient
from interlock.domains.stripe.mapper import RAIL
from interlock.domains.stripe.notifications import Notifications
from interlock.domains.stripe.pacing import REQUESTS, Pacer
from interlock.domains.stripe.rail import AccountFacts, StripeRail
from interlock.domains.stripe.services.sync_service import StripeSyncService
from interlock.kernel.errors import BadInput, SetupBroken
from interlock.kernel.scope import Scope
from interlock.rails import connections, schedule
from interlock.rails.connections import Connection, Keys, NotLinked
from interlock.rails.ports import Disconnected, SyncsRail

_PROBE_SECONDS = 120.0
_CONNECT = "connect"
_OWN_KEY = "key"


class PlatformNotSet(SetupBroken):
    """A client is to be reached through Stripe Connect, and there is no platform key."""

    code = "not_configured"


def connect_stripe(
    house: House,
    business: Business,
    *,
    actor: str,
    key: str = "",
    account: str = "",
    hook_secret: str = "",
) -> AccountFacts:
    """Link a client's Stripe account, or give the link a new key. Everything a sync reads is tried before anything is saved.

    ``key``: the account's own, secret or restricted; or ``account`` (``acct_…``) that the platform's key may act for.
    ``hook_secret`` (``whsec_…``) verifies notices to the client's own address; one known before stays. Raises the rail errors, and
    ``Refused`` for an account that serves another client.
    """
    if bool(key) == bool(account):
        raise BadInput("Give the account's own secret key, or the id of an account of your Connect platform.")
    access = Access(key.strip()) if key else Access(_platform_key(house), account.strip())
    rail = StripeRail(_client(house, access, Pacer(limited=False)), account.strip(), house.clock.now)
    found = house.transport.run(rail.account(), _PROBE_SECONDS)
    if account and found.id != account.strip():
        raise BadInput(f"Stripe answered for account {found.id}, not {account.strip()}.")
    house.transport.run(rail.try_reading(), _PROBE_SECONDS)
    scope, now = Scope(business.firm_id, business.business_id), house.clock.now()
    with house.database.writing(scope) as session:
        known = session.get(Connection, (business.business_id, RAIL))
        if known is not None and known.state != connections.DISCONNECTED and not hook_secret:
            hook_secret = connections.keys_of(session, scope, house.vault, RAIL).hook_secret
        schedule.hasten(session, scope, RAIL, due_at=now, reason="connected", mended=True)
        connections.connect(
            session,
            scope,
            house.vault,
            rail=RAIL,
            external_id=found.id,
            grant=Keys(_OWN_KEY if key else _CONNECT, key.strip(), hook_secret.strip()),
            now=now,
            actor=actor,
        )
    return found


def disconnect_stripe(house: House, business: Business, *, actor: str) -> Disconnected:
    """Forget the key, keep the history. Stripe can't be told: its keys are ended in its dashboard."""
    scope = Scope(business.firm_id, business.business_id)
    with house.database.writing(scope) as session:
        before = connections.find(session, scope, RAIL).state
        linked = connections.disconnect(session, scope, RAIL, house.clock.now(), actor, revoked=False)
        account = linked.external_id
    there = f"End its key in Stripe's dashboard too: account {account}, Developers, API keys."
    if before == connections.DISCONNECTED:
        said = f"{business.name} was disconnected from Stripe before; nothing was changed."
    else:
        said = f"{business.name} is disconnected from Stripe here. {there} Its history stays readable."
    return Disconnected(business.business_id, business.slug, False, said)


def stripe_rail(house: House, scope: Scope) -> StripeRail | None:
    """The rail of a linked client; ``None`` without a link. ``PlatformNotSet`` where the platform's key is missing."""
    with house.database.reading(scope) as session:
        found = session.get(Connection, (scope.business_id, RAIL))
        if found is None or found.state == connections.DISCONNECTED:
            return None
        keys = connections.keys_of(session, scope, house.vault, RAIL)
        account = found.external_id
    access = Access(_platform_key(house), account) if keys.name == _CONNECT else Access(keys.secret)
    name = f"{RAIL}:{account}"
    pacer = house.part(name, lambda: Pacer(limited=house.limited, requests=house.governor.source(name, REQUESTS)))
    hook_secret = keys.hook_secret or (
        house.settings.stripe_platform_hook_secret or "" if keys.name == _CONNECT else ""
    )
    return StripeRail(_client(house, access, pacer), account, house.clock.now, hook_secret=hook_secret)


def stripe_sync(house: House, business: Business) -> SyncsRail:
    """The sync of one client's account."""
    scope = Scope(business.firm_id, business.business_id)

    def opened() -> StripeRail:
        rail = stripe_rail(house, scope)
        if rail is None:
            with house.database.reading(scope) as session:
                connections.find(session, scope, RAIL)
            raise NotLinked("This business is disconnected from Stripe; connect it again first.")
        return rail

    return StripeSyncService(
        business.business_id, firm_id=business.firm_id, opens=opened, parts=house.sync_parts(RAIL, business)
    )


def stripe_platform(house: House) -> Notifications | None:
    """Hears what comes to the Connect platform's one address; ``None`` without its signing secret."""
    secret = house.settings.stripe_platform_hook_secret
    if not secret:
        return None
    key = house.settings.stripe_platform_key
    return Notifications(secret, house.clock.now, live=Access(key).live if key else None)


def _client(house: House, access: Access, pacer: Pacer) -> StripeClient:
    return StripeClient(access, house.settings.stripe_api_url, house.transport, pacer, patience=house.patience)


def _platform_key(house: House) -> str:
    key = house.settings.stripe_platform_key
    if not key:
        raise PlatformNotSet(
            "This client is reached through Stripe Connect: set INTERLOCK_STRIPE_PLATFORM_KEY to your platform's secret key."
        )
    return key
