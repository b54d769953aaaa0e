"""Intuit's notifications, pure: is the signature theirs, and what do they say (qbo.md §6).

Two shapes are in use: the classic one (an object, companies within) and CloudEvents (an array). Both may mix companies. What
can't be read is kept as such and acknowledged: refusing it would only make Intuit hold back everything behind it, and the
timetable's own syncs miss nothing.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from interlock.domains.qbo.mapper import BY_WIRE_NAME
from interlock.domains.qbo.mapper.parts import utc
from interlock.rails.listens import Hint, ListensForEvents

SETTINGS = ("CompanyInfo", "Preferences")
UNREADABLE = "unreadable"
MERGED_AWAY = "merged away"
"""The operation of the notice about a merge's loser, whose id is gone with it."""

_KEPT = {name.lower(): name for name in (*BY_WIRE_NAME, *SETTINGS)}
_OPERATIONS = {
    "created": "create",
    "updated": "update",
    "deleted": "delete",
    "merged": "merge",
    "voided": "void",
    "emailed": "email",
}
_LONGEST_ID = 100
_SIGNATURE = "intuit-signature"


class Notifications(ListensForEvents):
    """What Intuit delivers to one app. A delivery may mix companies, so it is heard without any company's own rail.

    Without the app's verifier ``token`` nothing is genuine.
    """

    def __init__(self, token: str | None) -> None:
        self._token = token

    async def genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        return self._token is not None and is_genuine(body, headers.get(_SIGNATURE, ""), self._token)

    def hints(self, body: bytes) -> list[Hint]:
        return read(body)


def is_genuine(body: bytes, signature: str, token: str) -> bool:
    """Whether ``signature`` is the base64 HMAC-SHA256 of the raw ``body`` under the app's verifier token."""
    expected = hmac.new(token.encode(), body, hashlib.sha256).digest()
    try:
        given = base64.b64decode(signature.strip(), validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        return False
    return hmac.compare_digest(expected, given)


def read(body: bytes) -> list[Hint]:
    """What a genuine body says, in its order."""
    try:
        said: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        said = None
    if isinstance(said, dict) and isinstance(said.get("eventNotifications"), list):
        hints = list(_classic(said["eventNotifications"]))
    elif isinstance(said, list):
        hints = [hint for event in said for hint in _cloud_event(event)]
    else:
        hints = [_unreadable(body)]
    return hints


def _classic(companies: list[Any]) -> Iterator[Hint]:
    for company in companies:
        realm = _text(_member(company, "realmId"))
        entities = _member(_member(company, "dataChangeEvent"), "entities")
        if not realm or not isinstance(entities, list):
            yield _unreadable(msgspec.json.encode(company), realm)
            continue
        for entity in entities:
            name, id_, operation = (_text(_member(entity, key)) for key in ("name", "id", "operation"))
            when = _text(_member(entity, "lastUpdated"))
            if not name or not id_:
                yield _unreadable(msgspec.json.encode(entity), realm)
                continue
            # The classic shape numbers nothing, so what tells two notices apart is all they say.
            event_id = hashlib.sha256("\n".join((realm, name, id_, operation, when)).encode()).hexdigest()
            yield from _hints(event_id, realm, name, id_, operation, when, _member(entity, "deletedId"))


def _cloud_event(event: Any) -> Iterator[Hint]:
    kind, realm = _text(_member(event, "type")), _text(_member(event, "intuitaccountid"))
    event_id, id_ = _text(_member(event, "id")), _text(_member(event, "intuitentityid"))
    parts = kind.split(".")  # qbo.<entity>.<operation>.v1
    if not realm or not event_id or not id_ or len(parts) < 4:
        yield _unreadable(msgspec.json.encode(event), realm)
        return
    if len(event_id) > _LONGEST_ID:
        event_id = hashlib.sha256(event_id.encode()).hexdigest()
    loser = _member(_member(event, "data"), "deletedid")
    yield from _hints(event_id, realm, parts[1], id_, parts[2], _text(_member(event, "time")), loser)


def _hints(event_id: str, realm: str, name: str, id_: str, operation: str, when: str, loser: Any) -> Iterator[Hint]:
    kept = _KEPT.get(name.lower())
    entity, happened = kept or name, _instant(when)
    done = _OPERATIONS.get(operation.lower(), operation.lower())
    yield Hint(event_id, realm, entity, id_, done, happened, kept is not None)
    gone = _text(loser)
    if gone:
        yield Hint(f"{event_id}:{MERGED_AWAY}", realm, entity, gone, MERGED_AWAY, happened, kept is not None)


def _unreadable(body: bytes, realm: str = "") -> Hint:
    """Something changed, if only we knew what: it asks for a sync where the company is known."""
    return Hint(hashlib.sha256(body).hexdigest(), realm, UNREADABLE, "", UNREADABLE)


def _member(of: Any, name: str) -> Any:
    return of.get(name) if isinstance(of, dict) else None


def _text(value: Any) -> str:
    """Ids come as texts; a number in their place is read all the same. A NUL, which PostgreSQL keeps nowhere, is left out."""
    if isinstance(value, str):
        return value.replace("\0", "")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _instant(text: str) -> datetime | None:
    """Offsets with and without a colon, ``Z``, nanoseconds; ``None`` for what is no time (a hint can do without)."""
    try:
        return utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
