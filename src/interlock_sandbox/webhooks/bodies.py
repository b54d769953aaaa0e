"""From events to what is on the wire: both shapes, the signature and the headers (qbo.md §6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import NAMESPACE_OID, uuid5

from interlock_sandbox.books.document import PACIFIC
from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.webhooks.events import Event

Shape = Literal["cloudevents", "classic"]

_PAST = {"Create": "created", "Update": "updated", "Delete": "deleted", "Merge": "merged", "Void": "void"}
_SOURCE = "intuit." + base64.b64encode(hashlib.sha256(b"interlock sandbox").digest()).decode()
_WITHOUT_CONTENT_TYPE_EVERY = 3
_WITH_OTHER_IDS_EVERY = 4


def signature(body: bytes, verifier_token: str) -> str:
    """``intuit-signature``: base64 of HMAC-SHA256 over the raw body, keyed with the verifier token."""
    return base64.b64encode(hmac.new(verifier_token.encode(), body, hashlib.sha256).digest()).decode()


def body_of(events: Sequence[Event], shape: Shape) -> bytes:
    """A whole notification."""
    return cloud_events(events) if shape == "cloudevents" else classic(events)


def cloud_events(events: Sequence[Event]) -> bytes:
    """An array; realms may be mixed. Some events lack ``datacontenttype``; ``time`` has nanoseconds."""
    return ENCODER.encode([_cloud_event(event) for event in events])


def classic(events: Sequence[Event]) -> bytes:
    """An object with one notification a realm; ``lastUpdated`` in each of the three spellings that were seen."""
    realms: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        entity = {
            "name": event.entity, "id": event.id, "operation": event.operation, "lastUpdated": _last_updated(event),
        }  # fmt: skip
        if event.deleted_id is not None:
            entity["deletedId"] = event.deleted_id
        realms.setdefault(event.realm, []).append(entity)
    told = [{"realmId": realm, "dataChangeEvent": {"entities": entities}} for realm, entities in realms.items()]
    return ENCODER.encode({"eventNotifications": told})


def headers(body: bytes, verifier_token: str, now: datetime, *, number: int) -> dict[str, str]:
    """What goes with a body; ``number`` tells one attempt from another."""
    return {
        "intuit-signature": signature(body, verifier_token),
        "intuit-created-time": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "intuit-t-id": str(uuid5(NAMESPACE_OID, f"delivery/{number}")),
        "intuit-notification-schema-version": "0.1",
        "user-agent": "intuit_notification_server/0.1",
        "content-type": "application/json; charset=utf-8",
    }


def _cloud_event(event: Event) -> dict[str, Any]:
    made: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.uuid,
        "source": _SOURCE,
        "type": f"qbo.{event.entity.lower()}.{_PAST[event.operation]}.v1",
        "datacontenttype": "application/json",
        "time": _nanoseconds(event),
        "intuitentityid": event.id,
        "intuitaccountid": event.realm,
        "data": _data(event),
    }
    if event.number % _WITHOUT_CONTENT_TYPE_EVERY == 0:
        del made["datacontenttype"]
    return made


def _data(event: Event) -> dict[str, Any]:
    """Mostly empty; the loser of a merge, and now and then the object's id in another of Intuit's systems."""
    made: dict[str, Any] = {} if event.deleted_id is None else {"deletedid": event.deleted_id}
    if event.number % _WITH_OTHER_IDS_EVERY == 0:
        other = base64.b64encode(f"{event.realm}:{event.entity}:{event.id}".encode()).decode()
        made["alternative_ids"] = [{"id": other, "namespace": "Intuit.sbseg.v4"}]
    return made


def _nanoseconds(event: Event) -> str:
    """Events are later than the second that stamps their object, by a part of a second with nine digits."""
    part = int(hashlib.sha256(event.uuid.encode()).hexdigest(), 16) % 1_000_000_000
    return f"{event.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{part:09d}Z"


def _last_updated(event: Event) -> str:
    moment = event.at.astimezone(UTC)
    match event.number % 3:
        case 0:
            return f"{event.at.astimezone(PACIFIC):%Y-%m-%dT%H:%M:%S%z}"
        case 1:
            return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
    part = int(hashlib.sha256(event.uuid.encode()).hexdigest(), 16) % 1000
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{part:03d}Z"
