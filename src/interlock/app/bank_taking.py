"""Saving logins that were just given, and ending them: at Plaid and here.

The same bank linked twice would count its money twice, so a login whose accounts we hold already by another one is handed back;
where that other one is broken, the new one takes its place.
"""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager

import msgspec
from sqlalchemy.orm import Session

from interlock.app.house import House
from interlock.app.plaid import rail_for
from interlock.domains.firm.models import Business
from interlock.domains.plaid.mapper import RAIL as PLAID
from interlock.infra.locks import held
from interlock.kernel.errors import InterlockError, Refused
from interlock.kernel.scope import Scope
from interlock.rails import connections, items, schedule
from interlock.rails.bank_links import BankUnlinked
from interlock.rails.connections import CONNECTED, Connection, Keys
from interlock.rails.items import NEEDS_LOGIN, LinkedItem
from interlock.rails.links import LinkedBank
from interlock.rails.ports import Disconnected
from interlock.rails.witnesses import BankAccount

log = logging.getLogger("interlock.plaid")

_ANSWER_SECONDS = 30.0


class Taken(msgspec.Struct, frozen=True):
    """What was kept of the logins given. ``names`` of the banks that were."""

    kept: int
    names: str
    words: str
    replaced: tuple[LinkedBank, ...] = ()


class Weighed(msgspec.Struct, frozen=True):
    """A login just given, beside those we hold. ``twin`` holds its accounts already: broken, it gives way; else it stays."""

    bank: LinkedBank
    again: bool
    twin_id: str | None
    twin_stays: bool

    @property
    def kept(self) -> bool:
        return not (self.twin_id and self.twin_stays)

    @property
    def words(self) -> str:
        name = self.bank.institution
        if not self.kept:
            return f"{name} is linked already, with these very accounts; nothing was changed."
        return f"{name} is linked{' again' if self.again or self.twin_id else ''}; it is being read."


def connect_plaid(house: House, business: Business, *, public_token: str, actor: str) -> Taken:
    """Link the bank of a public token that somebody brings. Raises the rail errors, and ``Refused`` for a bank linked already."""
    scope = Scope(business.firm_id, business.business_id)
    bank = house.transport.run(rail_for(house, scope).take_bank(public_token.strip()))
    with taking(house, scope):
        weighed = weigh(house, scope, [bank])
        with house.database.writing(scope) as session:
            taken = take(house, session, scope, weighed, actor)
    hand_back(house, scope, weighed, taken)
    if not taken.kept:
        raise Refused(taken.words)
    return taken


def taking(house: House, scope: Scope) -> AbstractContextManager[None]:
    """Held from weighing to taking: two that weigh the same bank side by side would both find it new."""
    return held(house.database, f"taking of a bank:{scope.business_id}", wait=True)


def weigh(house: House, scope: Scope, banks: Sequence[LinkedBank]) -> list[Weighed]:
    """Look at what each login shows, before anything is saved. Asks Plaid, so never inside a transaction."""
    with house.database.reading(scope) as session:
        known = items.of_business(session, scope, PLAID)
        session.expunge_all()
    found: list[Weighed] = []
    for bank in banks:
        again = any(each.item_id == bank.item_id for each in known)
        twin = None if again else _twin(house, scope, bank, known)
        found.append(
            Weighed(
                bank, again, twin.item_id if twin else None, twin_stays=twin is not None and twin.state != NEEDS_LOGIN
            )
        )
    return found


def take(house: House, session: Session, scope: Scope, weighed: Sequence[Weighed], actor: str) -> Taken:
    """Keep the logins, the connection they make, and the sync that is now due, in the session's transaction."""
    now = house.clock.now()
    kept = [each for each in weighed if each.kept]
    replaced: list[LinkedBank] = []
    for each in kept:
        items.keep(session, scope, house.vault, PLAID, each.bank, now, actor)
        if each.twin_id is not None:
            twin = items.find(session, scope, PLAID, each.twin_id)
            if twin.sealed:
                secret = items.secret_of(house.vault, twin)
                replaced.append(LinkedBank(twin.item_id, secret, None, twin.institution, None))
            items.remove(session, scope, PLAID, twin.item_id, now, actor)
    if kept:
        _connected(house, session, scope, actor)
        schedule.hasten(session, scope, PLAID, due_at=now, reason="a bank was linked", mended=True)
    names, words = (", ".join(each.bank.institution for each in kept), " ".join(each.words for each in weighed))
    return Taken(len(kept), names, words, tuple(replaced))


def hand_back(house: House, scope: Scope, weighed: Sequence[Weighed], taken: Taken) -> None:
    """End at Plaid what is not (any more) ours to read. Asks Plaid, so after the transaction."""
    for bank in (*(each.bank for each in weighed if not each.kept), *taken.replaced):
        rail = rail_for(house, scope, {bank.item_id: bank.secret}.__getitem__)
        try:
            house.transport.run(rail.unlink(bank.item_id), _ANSWER_SECONDS)
        except InterlockError as trouble:  # it is read by nobody; Plaid's dashboard still shows it
            log.warning("a login that is not kept could not be ended at Plaid: %s", trouble.sentence)


def unlink(house: House, scope: Scope, item_id: str, actor: str) -> BankUnlinked:
    """End one login. When Plaid can't be told, the token is forgotten here all the same and the words say so; twice is once."""
    with house.database.reading(scope) as session:
        item = items.find(session, scope, PLAID, item_id)
        institution, before = item.institution, item.state
    if before == items.REMOVED:
        return BankUnlinked(item_id, True, f"{institution} was unlinked before; nothing was changed.")
    trouble = _told(house, scope, item_id)
    with house.database.writing(scope) as session:
        now = house.clock.now()
        items.remove(session, scope, PLAID, item_id, now, actor)
        if not items.of_business(session, scope, PLAID):  # the last one: there is nothing left to be connected to
            connections.disconnect(session, scope, PLAID, now, actor, revoked=trouble is None)
    if trouble is None:
        return BankUnlinked(item_id, True, f"{institution} is unlinked, at Plaid too. What was read stays.")
    said = f"{institution} is unlinked here, but Plaid could not be told: {trouble} End it in Plaid's dashboard too."
    return BankUnlinked(item_id, False, said)


def disconnect_plaid(house: House, business: Business, *, actor: str) -> Disconnected:
    """End every login of a client and its connection; ``NotFound`` where there is none. Twice is once."""
    scope = Scope(business.firm_id, business.business_id)
    with house.database.reading(scope) as session:
        before = connections.find(session, scope, PLAID).state
        logins = [each.item_id for each in items.of_business(session, scope, PLAID)]
    if before == connections.DISCONNECTED and not logins:
        said = f"{business.name}’s banks were unlinked before; nothing was changed."
        return Disconnected(business.business_id, business.slug, True, said)
    ended = [unlink(house, scope, each, actor) for each in logins]
    told = all(each.told for each in ended)
    with house.database.writing(scope) as session:
        connections.disconnect(session, scope, PLAID, house.clock.now(), actor, revoked=told)
    left = " ".join(each.words for each in ended if not each.told)
    said = f"{business.name}’s banks are unlinked. What was read stays readable. {left}".strip()
    return Disconnected(business.business_id, business.slug, told, said)


def rotate_token(house: House, scope: Scope, item_id: str, actor: str) -> None:
    """Exchange a login's token for a new one. ``OutcomeUnknown`` when the answer was lost: then the login is to be re-linked."""
    rail = rail_for(house, scope)
    fresh = house.transport.run(rail.rotate(item_id))
    with house.database.writing(scope) as session:
        items.keep_secret(session, scope, house.vault, PLAID, item_id, fresh, house.clock.now(), actor)


def _connected(house: House, session: Session, scope: Scope, actor: str) -> None:
    """The business's one connection, under which its logins stand: Plaid knows no company, so it carries our own id."""
    found = session.get(Connection, (scope.business_id, PLAID))
    if found is None or found.state != CONNECTED:
        client_id, _ = house.settings.plaid_app()
        connections.connect(
            session,
            scope,
            house.vault,
            rail=PLAID,
            external_id=str(scope.business_id),
            grant=Keys(client_id, ""),
            now=house.clock.now(),
            actor=actor,
        )


def _twin(house: House, scope: Scope, bank: LinkedBank, known: Sequence[LinkedItem]) -> LinkedItem | None:
    """The login we hold these accounts by already. Where the new one can't be read yet, nobody knows, and it is kept."""
    same_bank = {each.item_id: each for each in known if each.institution_id == bank.institution_id}
    if not same_bank:
        return None
    rail = rail_for(house, scope, {bank.item_id: bank.secret}.__getitem__)
    try:
        page = house.transport.run(rail.bank_accounts(bank.item_id), _ANSWER_SECONDS)
    except InterlockError as trouble:
        log.warning("a login just given could not be looked at: %s", trouble.sentence)
        return None
    given = {_face(each) for each in page.facts}
    return next((each for each in same_bank.values() if given & _faces(house, scope, each.item_id)), None)


def _faces(house: House, scope: Scope, item_id: str) -> set[tuple[object, ...]]:
    """The accounts of a login we hold; asked of Plaid where it was not read yet. Where that fails, nobody knows."""
    with house.database.reading(scope) as session:
        read = [each for each in house.witnesses.rows(session, scope, BankAccount) if each.item_id == item_id]
        found = {_face(each) for each in read}
    if found:
        return found
    try:
        page = house.transport.run(rail_for(house, scope).bank_accounts(item_id), _ANSWER_SECONDS)
    except InterlockError as trouble:
        log.warning("a login that is held could not be looked at: %s", trouble.sentence)
        return set()
    return {_face(each) for each in page.facts}


def _face(account: object) -> tuple[object, ...]:
    """What tells an account at a bank from its others, whichever login shows it."""
    return tuple(getattr(account, name) for name in ("kind", "sub_kind", "mask", "name", "currency"))


def _told(house: House, scope: Scope, item_id: str) -> str | None:
    try:
        house.transport.run(rail_for(house, scope).unlink(item_id), _ANSWER_SECONDS)
    except InterlockError as trouble:
        log.warning("Plaid could not be told of an unlinking: %s", trouble.sentence)
        return trouble.sentence
    return None
