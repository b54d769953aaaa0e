"""The keys that seal secrets in the database: which are in use, and putting a new one in place.

The key file holds a line a key: the first seals, all of them open. A rotation writes the new key in front (one file replaced at
once) and then seals every value anew in one transaction, so at each moment whoever starts can open everything, and
whoever runs already reads the file again. Cut off in between, the next rotation ends it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from interlock.app.house import House
from interlock.app.opening import PROOF_OWNER, read_key_file
from interlock.app.taking import sealed_for
from interlock.domains.firm.models import Firm, Installation
from interlock.infra import translog
from interlock.infra.crypto import Vault, decode_key, fingerprint, key_id_of, new_key, replace_key
from interlock.infra.locks import held
from interlock.kernel.errors import Refused
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import items
from interlock.rails.attempts import ConnectAttempt
from interlock.rails.connections import Connection, sealed_owner
from interlock.rails.items import LinkedItem

R = TypeVar("R")

_EVERYTHING = SystemScope("sealed values of all firms")


class Key(msgspec.Struct, frozen=True):
    """A key by its fingerprint. ``values``: how many it seals in the database; ``at_hand``: whether we have it."""

    fingerprint: str
    seals: bool
    at_hand: bool
    values: int


class Keys(msgspec.Struct, frozen=True):
    """All keys that are at hand or in use, the one that seals first; ``kept_in`` says where they come from."""

    kept_in: str
    keys: tuple[Key, ...]

    @property
    def left_behind(self) -> int:
        """Values that are not under the key that seals."""
        return sum(key.values for key in self.keys if not key.seals)


class Rotated(msgspec.Struct, frozen=True):
    """What a rotation did. ``old``: fingerprints of the keys that sealed the ``values`` before."""

    fingerprint: str
    old: tuple[str, ...]
    values: int


def show_keys(house: House) -> Keys:
    """Which keys there are and what each of them seals. Shows no key."""
    house.vault.follow()
    with house.database.reading(_EVERYTHING) as session:
        counts = Counter(key_id_of(value.sealed) for value in _sealed_values(session))
    ids = [*house.vault.key_ids, *(each for each in counts if each not in house.vault.key_ids)]
    ids.sort(key=lambda each: each != house.vault.key_id)
    keys = [Key(each.hex(), each == house.vault.key_id, each in house.vault.key_ids, counts[each]) for each in ids]
    return Keys("the environment" if house.settings.secret_key else str(house.settings.key_file), tuple(keys))


def rotate(house: House, *, actor: str, given: str | None = None) -> Rotated:
    """Put a new key in place (``given``, or one made now) and seal everything with it.

    A rotation that was cut off is ended with the key it had put in place. Where the keys come from the environment, the new one
    is there already and everything is sealed with it; ``Refused`` when nothing is under another key.
    """
    with held(house.database, "key rotation"):
        house.vault.follow()
        if not _cut_off(house):
            if house.settings.secret_key is not None:
                raise Refused(
                    "The secret key comes from INTERLOCK_SECRET_KEY, and everything is sealed with it. To change it, put the new"
                    " key there and the old one in INTERLOCK_OLD_SECRET_KEYS, start every process anew, and run this again."
                )
            _put_in_front(house, given or new_key())
        return _seal_anew(house, actor)


def forget_old(house: House, *, actor: str) -> tuple[str, ...]:
    """Take the keys that seal nothing out of the key file; returns their fingerprints.

    ``Refused`` while one of them seals something, or where the keys come from the environment.
    """
    if house.settings.secret_key is not None:
        raise Refused("The keys come from the environment: take the old ones out of INTERLOCK_OLD_SECRET_KEYS there.")
    with held(house.database, "key rotation"):
        shown = show_keys(house)
        if shown.left_behind:
            raise Refused(
                f"{shown.left_behind} sealed values are still under an old key; run `interlock keys rotate` first."
            )
        kept, *old = read_key_file(house.settings.key_file).split()
        dropped = tuple(fingerprint(decode_key(each)).hex() for each in old)
        if dropped:
            with house.database.writing(_EVERYTHING) as session:
                _say(session, house.clock.now(), actor, "key.forgotten", {"fingerprints": list(dropped)})
            replace_key(house.settings.key_file, kept)
        return dropped


class _SealedValue(msgspec.Struct):
    sealed: bytes
    owner: str
    replace: Callable[[bytes], None]


def _sealed_values(session: Session, *, locked: bool = False) -> Iterator[_SealedValue]:
    """Everything in the database that the vault sealed. ``locked``: nobody changes any of it before the commit."""

    for installation in _rows(session, select(Installation), locked):
        yield _value(installation, "key_check", PROOF_OWNER)
    # In the order of their keys: two who lock rows in different orders may wait for each other for ever.
    for linked in _rows(session, select(Connection).order_by(Connection.business_id, Connection.rail), locked):
        if linked.sealed:  # a disconnected one has forgotten its grant
            scope = Scope(linked.firm_id, linked.business_id)
            yield _value(linked, "sealed", sealed_owner(scope, linked.rail))
    logins = select(LinkedItem).order_by(LinkedItem.business_id, LinkedItem.rail, LinkedItem.item_id)
    for login in _rows(session, logins, locked):
        if login.sealed:  # a removed one has forgotten its credential
            scope = Scope(login.firm_id, login.business_id)
            yield _value(login, "sealed", items.sealed_owner(scope, login.rail, login.item_id))
    for attempt in _rows(session, select(ConnectAttempt).order_by(ConnectAttempt.attempt_id), locked):
        if attempt.sealed:
            yield _value(attempt, "sealed", sealed_for(attempt))


def _rows(session: Session, query: Select[R], locked: bool) -> Sequence[R]:
    return session.scalars(query.with_for_update() if locked else query).all()


def _value(row: object, column: str, owner: str) -> _SealedValue:
    def put(sealed: bytes) -> None:
        setattr(row, column, sealed)

    return _SealedValue(getattr(row, column), owner, put)


def _cut_off(house: House) -> bool:
    """Whether something is under another key than the one that seals: a rotation didn't come to its end."""
    return show_keys(house).left_behind > 0


def _put_in_front(house: House, text: str) -> None:
    path = house.settings.key_file
    kept = read_key_file(path).split()
    if fingerprint(decode_key(text)) in {fingerprint(decode_key(each)) for each in kept}:
        raise Refused("That key is in use already or was used before; a rotation takes a new one.")
    Vault.from_text("\n".join([text.strip(), *kept]))  # refuses what is no key before it is in place
    replace_key(path, "\n".join([text.strip(), *kept]))


def _seal_anew(house: House, actor: str) -> Rotated:
    house.vault.follow()
    old: Counter[str] = Counter()
    with house.database.writing(_EVERYTHING) as session:
        for value in _sealed_values(session, locked=True):
            if key_id_of(value.sealed) == house.vault.key_id:
                continue
            old[key_id_of(value.sealed).hex()] += 1
            value.replace(house.vault.seal(house.vault.open(value.sealed, value.owner), value.owner))
        rotated = Rotated(house.vault.key_id.hex(), tuple(sorted(old)), old.total())
        _say(session, house.clock.now(), actor, "key.rotated", msgspec.to_builtins(rotated))
    return rotated


def _say(session: Session, now: datetime, actor: str, action: str, body: dict[str, object]) -> None:
    """A line in each firm's own chain: the keys are theirs too."""
    for firm_id in session.scalars(select(Firm.firm_id).order_by(Firm.firm_id)).all():
        translog.append(session, Scope(firm_id), now=now, actor=actor, action=action, body=body)
