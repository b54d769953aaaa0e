"""Connecting a client's QuickBooks: probe first, save only what proved itself; one company, one client, for good."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.app.house import FreshGrant, House
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.infra.locks import held
from interlock.kernel.clock import local_date, zone
from interlock.kernel.errors import BadInput, Refused
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections, facts, meter, schedule
from interlock.rails.connections import Connection, Grant

_TAKING_ON = SystemScope("taking a client on")
_FALLBACK_ZONE = "America/New_York"
_FIRM_NAME = "Our firm"
_REALM_DIGITS = 25
_LEGAL_FORMS = {
    "inc",
    "incorporated",
    "llc",
    "llp",
    "lp",
    "ltd",
    "limited",
    "co",
    "corp",
    "company",
    "pllc",
    "pc",
    "the",
}


@dataclass(frozen=True)
class Probed:
    """A company that answered: what it is called, how it keeps its books, and the grant that opened it."""

    realm_id: str
    company_name: str
    home_currency: str
    time_zone: str
    grant: Grant
    reads: int


@dataclass(frozen=True)
class Home:
    """Where a company is to live: a client known already, or a new one of that name."""

    known: Business | None
    name: str


@dataclass(frozen=True)
class Consent:
    """Who asked and what was granted; ``granted_at`` is ``None`` for a grant that was brought from elsewhere."""

    actor: str
    scopes: str = ""
    granted_at: datetime | None = None
    control_start: date | None = None


class Unsure(Exception):
    """The company chosen goes by another name than the client asked for: a person has to say which it is."""


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
    if not refresh_token.strip():
        raise BadInput("A refresh token is needed; an empty one was given.")
    probed = probe(house, realm_id, Grant(refresh_token=refresh_token.strip()))
    now = house.clock.now()
    with taking_on(house) as session:
        firm = the_firm(session, firm_name or _FIRM_NAME, now)
        home = home_of(session, firm.firm_id, probed, name=name, sure=True)
        return save(session, house, firm.firm_id, probed, home, Consent(actor, control_start=control_start), now)


@contextmanager
def taking_on(house: House) -> Iterator[Session]:
    """A writing session, one after the other: two at once could found two firms, or two clients of one name."""
    with held(house.database, "taking a client on", wait=True), house.database.writing(_TAKING_ON) as session:
        yield session


def probe(house: House, realm_id: str, grant: Grant) -> Probed:
    """Read the company's settings with a grant that is not saved yet. Raises the rail errors."""
    if not realm_id.isascii() or not realm_id.isdigit() or len(realm_id) > _REALM_DIGITS:
        raise BadInput(f"A QuickBooks realm id is a number, not {realm_id[:40]!r}.")
    store = FreshGrant(grant)
    rail = house.qbo_rail(realm_id, "USD", store)
    (settings,) = house.transport.run(rail.preferences(1)).facts
    assert isinstance(settings, facts.Preferences), "the settings page holds the settings"
    time_zone = settings.time_zone or _FALLBACK_ZONE
    zone(time_zone)
    return Probed(
        realm_id=realm_id,
        company_name=(settings.company_name or f"QuickBooks company {realm_id}").strip(),
        home_currency=settings.home_currency,
        time_zone=time_zone,
        grant=store.grant,
        reads=rail.metered,
    )


def home_of(session: Session, firm_id: str, probed: Probed, *, name: str | None, sure: bool) -> Home:
    """The client a company belongs to. ``name`` is what was asked for, ``None`` to go by the company's own.

    ``Refused`` names the client that has this company, or the company that client has; ``Unsure`` where the names are
    not alike, unless a person is ``sure``.
    """
    owner = session.scalars(
        select(Connection).where(Connection.rail == QBO, Connection.external_id == probed.realm_id)
    ).first()
    company = f"QuickBooks company {probed.realm_id} (“{probed.company_name}”)"
    if owner is not None and owner.firm_id != firm_id:
        raise Refused(f"{company} serves another firm on this installation. Nothing was changed.")
    clients = BusinessService(session, firm_id).list_businesses()
    wanted = (name or probed.company_name).strip()
    known = next((each for each in clients if each.name.casefold() == wanted.casefold()), None)
    if owner is not None:
        theirs = next(each for each in clients if each.business_id == owner.business_id)
        if name is not None and theirs is not known:
            raise Refused(
                f"{company} is the books of your client {theirs.name} already, so it can’t be {wanted}’s. Nothing was"
                " changed; choose another company at Intuit."
            )
        return Home(theirs, theirs.name)
    linked = None if known is None else session.get(Connection, (known.business_id, QBO))
    if known is not None and linked is not None:
        raise Refused(
            f"The books of your client {known.name} are QuickBooks company {linked.external_id}, and you chose {company}."
            " A client’s books stay with one company: nothing was changed. Choose the other one at Intuit, or connect"
            " this one under a name of its own."
        )
    if not sure and name is not None and not alike(name, probed.company_name):
        raise Unsure
    return Home(known, known.name if known else wanted)


def save(
    session: Session, house: House, firm_id: str, probed: Probed, home: Home, consent: Consent, now: datetime
) -> Business:
    """The client, its connection, and the sync that is now due, in the session's transaction."""
    business = home.known or BusinessService(session, firm_id).take_on(
        home.name,
        home_currency=probed.home_currency,
        time_zone=probed.time_zone,
        control_start=consent.control_start or local_date(now, probed.time_zone),
        now=now,
        actor=consent.actor,
    )
    scope = Scope(firm_id, business.business_id)
    meter.count(session, scope, QBO, probed.reads, now)
    schedule.hasten(session, scope, QBO, due_at=now, reason="connected", mended=True)
    connections.connect(
        session,
        scope,
        house.vault,
        rail=QBO,
        external_id=probed.realm_id,
        grant=probed.grant,
        now=now,
        actor=consent.actor,
        scopes=consent.scopes,
        granted_at=consent.granted_at,
    )
    session.flush()
    session.expunge(business)
    return business


def alike(ours: str, theirs: str) -> bool:
    """Whether two names may well be one company's: legal forms and punctuation aside, one holds all words of the other."""
    one, other = _words(ours), _words(theirs)
    return bool(one and other) and (one <= other or other <= one)


def _words(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold() or name.casefold()
    words = set(re.findall(r"\w+", plain.replace("&", " ").replace("'", "")))
    return (words - _LEGAL_FORMS - {"and"}) or words
