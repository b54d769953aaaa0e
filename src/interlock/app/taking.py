"""Taking what a person brought back from Intuit: the code for tokens, the tokens for a reading, the reading for a client.

Nothing of a connection is saved before it has proved itself, and a connection is saved in one transaction with the
outcome that people see: an answer that is cut off anywhere leaves both or neither.
"""

import logging

import msgspec

from interlock.app import connecting
from interlock.app.connecting import Consent, Home, Probed, Unsure
from interlock.app.house import House
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.business_service import the_firm
from interlock.domains.qbo import consent
from interlock.domains.qbo.grant import App
from interlock.kernel.errors import BadInput, InterlockError, Refused
from interlock.kernel.scope import SystemScope
from interlock.rails import attempts
from interlock.rails.attempts import ConnectAttempt, Outcome
from interlock.rails.ports import ConsentAnswer

log = logging.getLogger("interlock.connecting")

# Before the first client there is no firm, and a consent page's answer names none.
ROWS = SystemScope("clients that are being connected")
_ANSWER_SECONDS = 60.0
_FIRM_NAME = "Our firm"
_DENIED = "At Intuit the answer was no. Nothing was saved; connect it when you are ready."
_KEPT = " Nothing was saved."


def take(house: House, attempt_id: str, redirect_uri: str, answer: ConsentAnswer) -> None:
    """Turn an answer into a connection, a question, or the reason why it is neither; an attempt never stays open."""
    if answer.error:
        denied = answer.error == "access_denied"
        said = _DENIED if denied else f"Intuit could not ask you ({answer.error[:60]}).{_KEPT}"
        _end(house, attempt_id, "denied" if denied else "failed", said)
        return
    try:
        if not answer.code or len(answer.code) > consent.CODE_CHARACTERS or not answer.external_id:
            raise BadInput("Intuit’s answer named no company or brought no code.")
        probed = _tried(house, answer, redirect_uri)
        _settle(house, attempt_id, probed, theirs=False, sure=False)
    except InterlockError as trouble:
        _end(house, attempt_id, "failed", trouble.sentence.rstrip() + _KEPT)
    except Exception:  # a fault of ours must not leave the attempt without an outcome; it goes on to the log
        _end(house, attempt_id, "failed", f"Interlock met a fault of its own.{_KEPT} Try again.")
        raise


def settle(house: House, attempt_id: str, *, theirs: bool) -> None:
    """A person says which company it is. What was settled before stays so."""
    with house.database.reading(ROWS) as session:
        attempt = attempts.attempt_of(session, attempt_id)
        if attempt.outcome != "unsure" or attempt.sealed is None:
            return
        until = (attempt.used_at or attempt.created_at) + attempts.GOOD_FOR
        probed = msgspec.json.decode(house.vault.open(attempt.sealed, sealed_for(attempt)), type=Probed)
    if house.clock.now() >= until:
        _end(house, attempt_id, "failed", attempts.OVERDUE)
        return
    _settle(house, attempt_id, probed, theirs=theirs, sure=True)


def _tried(house: House, answer: ConsentAnswer, redirect_uri: str) -> Probed:
    settings, transport = house.settings, house.transport
    app = App(*settings.qbo_app(), settings.qbo_token_url, settings.qbo_api_url)
    asking = consent.exchange(app, transport, code=answer.code, redirect_uri=redirect_uri, now=house.clock.now())
    return connecting.probe(house, answer.external_id, transport.run(asking, _ANSWER_SECONDS))


def _settle(house: House, attempt_id: str, probed: Probed, *, theirs: bool, sure: bool) -> None:
    """Save the connection and its outcome together; or the question; or the refusal; or nothing any more."""
    about = {"external_id": probed.realm_id, "company_name": probed.company_name}
    now = house.clock.now()
    try:
        with connecting.taking_on(house) as session:
            attempt = attempts.undecided(session, attempt_id)
            if attempt is None:
                return
            firm_id = the_firm(session, attempt.firm_name or _FIRM_NAME, now).firm_id
            name = None if theirs else attempt.business_name
            home = connecting.home_of(session, firm_id, probed, name=name, sure=sure)
            given = Consent(attempt.actor, consent.SCOPE, granted_at=now)
            client = connecting.save(session, house, firm_id, probed, home, given, now)
            attempt.firm_id, attempt.business_id = firm_id, client.business_id
            attempts.end(attempt, "connected", _welcome(client, probed, home), **about)
    except Refused as refusal:
        _end(house, attempt_id, "refused", refusal.sentence, **about)
    except Unsure:
        with house.database.writing(ROWS) as session:
            attempt = attempts.undecided(session, attempt_id)
            if attempt is None:
                return
            said = (
                f"You asked for {attempt.business_name}; QuickBooks calls the company you chose {probed.company_name}."
                " Nothing is saved until you say which it is."
            )
            attempts.end(attempt, "unsure", said, **about)
            attempt.sealed = house.vault.seal(msgspec.json.encode(probed), sealed_for(attempt))


def _welcome(client: Business, probed: Probed, home: Home) -> str:
    if home.known is not None:
        return f"{client.name} is connected again; reading goes on where it stopped."
    calls = "" if client.name == probed.company_name else f" QuickBooks calls it {probed.company_name}."
    return f"{client.name} is connected.{calls} Its books are being read."


def _end(house: House, attempt_id: str, outcome: Outcome, said: str, **about: str) -> None:
    log.info("connecting %s: %s, %s", attempt_id, outcome, said)
    with house.database.writing(ROWS) as session:
        attempt = attempts.undecided(session, attempt_id)
        if attempt is not None:
            attempts.end(attempt, outcome, said, **about)


def sealed_for(attempt: ConnectAttempt) -> str:
    """Whom a grant that waits for a person's word is sealed for."""
    return f"attempt/{attempt.attempt_id}"
