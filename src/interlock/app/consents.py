"""The browser's way to connect: people are sent to Intuit one client after the other, and what they bring back is tried.

Nothing of a connection is saved before it has proved itself, and outcome and connection are saved in one transaction:
an answer that is cut off anywhere leaves either both or neither.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from interlock.app import disconnecting, taking
from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import the_firm
from interlock.domains.qbo import consent
from interlock.domains.qbo.mapper import RAIL as QBO
from interlock.kernel.errors import BadInput, InterlockError, NotFound, Refused
from interlock.rails import attempts
from interlock.rails.attempts import ConnectAttempt
from interlock.rails.ports import ConnectRow, ConsentAnswer, Disconnected, Place, Received, Standing

CALLBACK = "/oauth/qbo/callback"
_NAME_CHARACTERS = 120
_AT_WORK = timedelta(minutes=2)


class NotAsked(InterlockError):
    """An answer that nobody here asked for, or not this browser."""

    code = "not_asked_for"
    status = 400


class Consents:
    """``Connects`` for QuickBooks."""

    def __init__(self, house: House) -> None:
        self._house = house

    def trouble(self) -> str | None:
        try:
            self._house.settings.qbo_app()
        except InterlockError as missing:
            return missing.sentence
        return None

    def begin(self, names: Sequence[str], *, actor: str, firm_name: str = "") -> str:
        self._house.settings.qbo_app()
        wanted = [" ".join(name.split()) for name in names]
        for name in wanted:
            if len(name) > _NAME_CHARACTERS or not name.isprintable():
                raise BadInput(
                    f"A client’s name has at most {_NAME_CHARACTERS} printable characters, not “{name[:40]}…”."
                )
        named = [name for name in wanted if name]
        twice = {name for name in named if [each.casefold() for each in named].count(name.casefold()) > 1}
        if twice:
            raise BadInput(f"{min(twice)} stands in the list twice; one company is connected once.")
        firm = " ".join(firm_name.split())
        if len(firm) > _NAME_CHARACTERS or not firm.isprintable():
            raise BadInput(f"Your firm’s name has at most {_NAME_CHARACTERS} printable characters.")
        now = self._house.clock.now()
        with self._house.database.writing(taking.ROWS) as session:
            return attempts.begin_round(
                session,
                firm_id=_firm_id(session, now),
                firm_name=firm or None,
                rail=QBO,
                names=[name or None for name in wanted],
                actor=actor,
                now=now,
            )

    def row(self, round_id: str) -> ConnectRow:
        now = self._house.clock.now()
        with self._house.database.reading(taking.ROWS) as session:
            found = attempts.in_round(session, round_id)
            return ConnectRow(round_id, tuple(_place(session, each, now) for each in found))

    def send(self, attempt_id: str, *, browser: str, host: str) -> str:
        origin = self._origin(host)
        settings = self._house.settings
        client_id, _ = settings.qbo_app()
        redirect_uri = (settings.public_url or origin).rstrip("/") + CALLBACK
        now = self._house.clock.now()
        with self._house.database.writing(taking.ROWS) as session:
            attempt = attempts.attempt_of(session, attempt_id, locked=True)
            if attempt.outcome == "connected":
                raise Refused("This client was connected meanwhile.")
            state = attempts.begin(session, attempt, browser=browser, origin=origin, redirect_uri=redirect_uri, now=now)
        return consent.authorize_url(settings.qbo_authorize_url, client_id, redirect_uri=redirect_uri, state=state)

    def receive(self, answer: ConsentAnswer, *, browser: str | None, host: str) -> Received:
        origin = self._origin(host)
        now = self._house.clock.now()
        with self._house.database.reading(taking.ROWS) as session:
            _asked(session, answer.state)  # anybody may call: what they make up must not keep writers waiting
        with self._house.database.writing(taking.ROWS) as session:
            attempt = _asked(session, answer.state)
            assert attempt.origin is not None, "it was sent"
            received = Received(attempt.round_id, attempt.origin, elsewhere=attempt.origin != origin)
            if received.elsewhere or attempt.used_at is not None:
                return received  # the browser's own pages are elsewhere; or the page is shown again: the outcome stands
            if not attempts.redeem(session, attempt, browser, now):
                session.refresh(attempt)
                if attempt.used_at is not None:
                    return received  # another tab of that browser was faster
                assert attempt.expires_at is not None, "it was sent"
                if attempt.expires_at > now:
                    raise NotAsked(
                        "This answer came back in another browser than the one that asked for it. Nothing was saved;"
                        " open the address in the browser that began, or start again."
                    )
                attempt.used_at = now
                attempts.end(attempt, "failed", "The answer took longer than ten minutes; nothing was saved.")
                return received
            attempt_id, redirect_uri = attempt.attempt_id, attempt.redirect_uri or ""
        taking.take(self._house, attempt_id, redirect_uri, answer)
        return received

    def settle(self, attempt_id: str, *, theirs: bool) -> str:
        with self._house.database.reading(taking.ROWS) as session:
            attempt = attempts.attempt_of(session, attempt_id)
            round_id = attempt.round_id
        taking.settle(self._house, attempt_id, theirs=theirs)
        return round_id

    def leave_out(self, attempt_id: str) -> str:
        with self._house.database.writing(taking.ROWS) as session:
            attempt = attempts.attempt_of(session, attempt_id, locked=True)
            if attempt.outcome != "connected":
                attempt.state_hash = None  # an answer still on its way finds nothing
                attempts.end(attempt, "left out", "Left out of this row.")
            return attempt.round_id

    def disconnect(self, business: str, *, actor: str) -> Disconnected:
        return disconnecting.disconnect_qbo(self._house, business, actor=actor)

    def _origin(self, host: str) -> str:
        """What the browser's address bar says: behind the public name is a proxy or tunnel of its own scheme."""
        public = self._house.settings.public_url
        if public and urlsplit(public).netloc.lower() == host.lower():
            return public.rstrip("/")
        return f"http://{host}"


def _firm_id(session: Session, now: datetime) -> str | None:
    try:
        return the_firm(session, None, now).firm_id
    except NotFound:
        return None


def _asked(session: Session, state: str) -> ConnectAttempt:
    """Whose answer it is; ``NotAsked`` for a state that is nobody's (any more)."""
    attempt = attempts.by_state(session, state)
    if attempt is None:
        raise NotAsked(
            "This answer belongs to no connection that was begun here, or to one that was begun anew since."
            " Nothing was saved; connect the client again from the connections page."
        )
    return attempt


def _place(session: Session, attempt: ConnectAttempt, now: datetime) -> Place:
    client = session.get(Business, attempt.business_id) if attempt.business_id else None
    return Place(
        attempt_id=attempt.attempt_id,
        place=attempt.place,
        name=attempt.business_name,
        standing=_standing(attempt, now),
        said=attempt.said,
        company_name=attempt.company_name,
        external_id=attempt.external_id,
        client=client.name if client else None,
        slug=client.slug if client else None,
    )


def _standing(attempt: ConnectAttempt, now: datetime) -> Standing:
    if attempt.outcome is not None:
        return cast(Standing, attempt.outcome)
    if attempt.used_at is not None:
        return "at work" if now - attempt.used_at < _AT_WORK else "cut short"
    if attempt.expires_at is not None and attempt.expires_at > now:
        return "asked"
    return "waiting"
