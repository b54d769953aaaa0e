"""Linking banks: a person is sent to Plaid's page, and what they gave is fetched, looked at and saved.

Coming back proves nothing: what happened is asked of Plaid, by whoever comes first of the browser, a notice, and whoever waits.
A login and its outcome are saved in one transaction, together with the sync it makes due.
"""

from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlencode

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from interlock.app import bank_taking
from interlock.app.house import House
from interlock.app.plaid import plaid_sync, rail_for
from interlock.app.taking import ROWS, sealed_for
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import BusinessService, the_firm
from interlock.domains.plaid.mapper import RAIL as PLAID
from interlock.infra.locks import held
from interlock.kernel.errors import InterlockError, NotFound
from interlock.kernel.scope import Scope, SystemScope
from interlock.kernel.unspoken import Unspoken
from interlock.rails import attempts, items
from interlock.rails.attempts import ConnectAttempt, Outcome
from interlock.rails.bank_links import BankLink, BankUnlinked, LinkStanding
from interlock.rails.errors import RailError, Rejected
from interlock.rails.links import HostedLink, LinkOutcome

CALLBACK = "/oauth/plaid/callback"
_WHOSE = SystemScope("whose installation this is")
_SHOWN_FOR = timedelta(hours=12)
_SHOWN_MOST = 10


class _Sealed(Unspoken, msgspec.Struct, frozen=True):
    """What a hosted page is reached by: as good as a key while it is open."""

    token: str
    url: str


class BankLinks:
    """``LinksBusinessBanks`` through Plaid."""

    def __init__(self, house: House) -> None:
        self._house = house

    def trouble(self) -> str | None:
        try:
            self._house.settings.plaid_app()
        except InterlockError as missing:
            return missing.sentence
        return None

    def begin(self, business: str, *, actor: str, origin: str | None = None, item_id: str | None = None) -> BankLink:
        client = client_named(self._house, business)
        scope = Scope(client.firm_id, client.business_id)
        if item_id is not None:
            with self._house.database.reading(scope) as session:
                if items.find(session, scope, PLAID, item_id).state == items.REMOVED:
                    raise NotFound("This bank login was removed; link the bank anew.")
        with self._house.database.writing(ROWS) as session:
            attempt = _kept(session, client, actor, self._house.clock.now())
            state = attempts.begin(
                session, attempt, browser="", origin=origin or "", redirect_uri="", now=self._house.clock.now()
            )
            attempt.external_id, attempt_id = item_id, attempt.attempt_id
        try:
            return_to = None if origin is None else self._return_to(origin, state)
            rail = rail_for(self._house, scope)
            hosted = self._house.transport.run(rail.begin_link(return_to=return_to, item_id=item_id))
        except RailError as trouble:
            with self._house.database.writing(ROWS) as session:
                attempts.end(attempts.attempt_of(session, attempt_id), "failed", trouble.sentence, external_id=item_id)
            raise
        with self._house.database.writing(ROWS) as session:
            attempt = attempts.attempt_of(session, attempt_id, locked=True)
            self._send(attempt, hosted)
            return self._link(session, attempt)

    def finish(self, link_id: str) -> BankLink:
        return self._finish(link_id, ())

    def receive(self, state: str) -> tuple[BankLink, str]:
        with self._house.database.reading(ROWS) as session:
            attempt = attempts.by_state(session, state)
            if attempt is None or attempt.rail != PLAID:
                raise NotFound("This answer belongs to no bank that was being linked here; nothing was saved.")
            link_id, origin = attempt.attempt_id, attempt.origin or ""
            slug = _business(session, attempt).slug
        return self._finish(link_id, ()), f"{origin}/b/{slug}/banks"

    def told(self, link_token: str, brought: tuple[str, ...]) -> BankLink | None:
        """Plaid's notice that a session ended, with what it brought; ``None`` for a session nobody here began."""
        with self._house.database.reading(ROWS) as session:
            query = select(ConnectAttempt.attempt_id).where(
                ConnectAttempt.rail == PLAID, ConnectAttempt.browser_hash == attempts.hashed(link_token)
            )
            link_id = session.scalars(query).first()
        return None if link_id is None else self._finish(link_id, brought)

    def begun(self, business: str) -> tuple[BankLink, ...]:
        client = client_named(self._house, business)
        since = self._house.clock.now() - _SHOWN_FOR
        with self._house.database.reading(ROWS) as session:
            query = select(ConnectAttempt).where(
                ConnectAttempt.rail == PLAID,
                ConnectAttempt.business_id == client.business_id,
                ConnectAttempt.created_at > since,
            )
            found = session.scalars(query.order_by(ConnectAttempt.created_at.desc()).limit(_SHOWN_MOST))
            return tuple(self._link(session, each) for each in found)

    def ask_banks(self, business: str) -> tuple[str, ...]:
        return tuple(each.sentence for each in plaid_sync(self._house, client_named(self._house, business)).ask_banks())

    def unlink(self, business: str, item_id: str, *, actor: str) -> BankUnlinked:
        client = client_named(self._house, business)
        return bank_taking.unlink(self._house, Scope(client.firm_id, client.business_id), item_id, actor)

    def _finish(self, link_id: str, brought: tuple[str, ...]) -> BankLink:
        with held(self._house.database, f"bank link:{link_id}", wait=True):
            with self._house.database.reading(ROWS) as session:
                attempt = attempts.attempt_of(session, link_id)
                if attempt.outcome == "connected" or attempt.sealed is None:
                    return self._link(session, attempt)
                client, item_id, actor = _business(session, attempt), attempt.external_id, attempt.actor
                sealed = self._opened(attempt)
                session.expunge_all()
            scope = Scope(client.firm_id, client.business_id)
            rail = rail_for(self._house, scope)
            try:
                outcome = self._house.transport.run(rail.finish_link(sealed.token, item_id=item_id, brought=brought))
            except Rejected as refused:
                outcome = LinkOutcome("left", said=f"{refused.sentence} Link the bank again.")
            with bank_taking.taking(self._house, scope):
                weighed = bank_taking.weigh(self._house, scope, outcome.banks)
                with self._house.database.writing(ROWS) as session:
                    attempt = attempts.attempt_of(session, link_id, locked=True)
                    taken = bank_taking.take(self._house, session, scope, weighed, actor)
                    self._decide(attempt, outcome, taken)
                    link = self._link(session, attempt)
            bank_taking.hand_back(self._house, scope, weighed, taken)
            return link

    def _decide(self, attempt: ConnectAttempt, outcome: LinkOutcome, taken: bank_taking.Taken) -> None:
        """Write down what came of it; a page that is still open may yet bring something."""
        item_id, kept = attempt.external_id, attempt.sealed
        if outcome.banks:
            words = " ".join(filter(None, (taken.words, outcome.said)))
            came: Outcome = "connected" if taken.kept else "refused"
            attempts.end(attempt, came, words, external_id=item_id, company_name=taken.names or None)
            return
        if outcome.state == "left":
            said = outcome.said or "They left the bank’s page without linking; nothing was saved."
            attempts.end(attempt, "denied", said, external_id=item_id)
            attempt.sealed = kept
        if attempt.expires_at is not None and attempt.expires_at < self._house.clock.now():
            said = outcome.said or "The bank’s page was open too long and is closed; begin anew."
            attempts.end(attempt, "failed", said, external_id=item_id)

    def _send(self, attempt: ConnectAttempt, hosted: HostedLink) -> None:
        sealed = msgspec.json.encode(_Sealed(hosted.token, hosted.url))
        attempt.sealed = self._house.vault.seal(sealed, sealed_for(attempt))
        attempt.browser_hash = attempts.hashed(hosted.token)
        attempt.expires_at = hosted.expires_at

    def _opened(self, attempt: ConnectAttempt) -> _Sealed:
        assert attempt.sealed is not None, "it was sent"
        return msgspec.json.decode(self._house.vault.open(attempt.sealed, sealed_for(attempt)), type=_Sealed)

    def _link(self, session: Session, attempt: ConnectAttempt) -> BankLink:
        item = None
        if attempt.external_id is not None:
            item = session.get(items.LinkedItem, (attempt.business_id, PLAID, attempt.external_id))
        return BankLink(
            link_id=attempt.attempt_id,
            standing=cast(LinkStanding, attempt.outcome or "waiting"),
            said=attempt.said,
            url=self._opened(attempt).url if attempt.sealed else None,
            item_id=attempt.external_id,
            institution=item.institution if item is not None else attempt.company_name,
            begun_at=attempt.created_at,
            expires_at=attempt.expires_at or attempt.created_at,
        )

    def _return_to(self, origin: str, state: str) -> str:
        base = (self._house.settings.public_url or origin).rstrip("/")
        return f"{base}{CALLBACK}?{urlencode({'state': state})}"


def client_named(house: House, wanted: str) -> Business:
    """A client by id, slug or name; ``NotFound`` otherwise."""
    with house.database.reading(_WHOSE) as session:
        firm_id = the_firm(session, None, house.clock.now()).firm_id
    with house.database.reading(Scope(firm_id)) as session:
        found = BusinessService(session, firm_id).find(wanted)
        session.expunge(found)
        return found


def _kept(session: Session, client: Business, actor: str, now: datetime) -> ConnectAttempt:
    round_id = attempts.begin_round(
        session, firm_id=client.firm_id, firm_name=None, rail=PLAID, names=[client.name], actor=actor, now=now
    )
    (attempt,) = attempts.in_round(session, round_id)
    attempt.business_id = client.business_id
    return attempt


def _business(session: Session, attempt: ConnectAttempt) -> Business:
    found = session.get(Business, attempt.business_id)
    if found is None:
        raise NotFound("The client of this bank link is no more.")
    return found
