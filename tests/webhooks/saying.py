"""Deliveries as Intuit makes them: both shapes, signed."""

import base64
import hashlib
import hmac
import json
from typing import Any

TOKEN = "b5771f19b12ddb4bcdb9f08bdc50bc63878a"


def entity(
    name: str, id_: str, operation: str = "Update", when: str = "2026-11-24T09:00:00.000Z", **more: Any
) -> dict[str, Any]:
    return {"name": name, "id": id_, "operation": operation, "lastUpdated": when, **more}


def classic(*companies: tuple[str, list[dict[str, Any]]]) -> bytes:
    """Realm and its entities, as often as given."""
    said = [{"realmId": realm, "dataChangeEvent": {"entities": entities}} for realm, entities in companies]
    return json.dumps({"eventNotifications": said}).encode()


def cloud_event(id_: str, realm: str, kind: str, entity_id: str, **more: Any) -> dict[str, Any]:
    """``kind`` as in ``bill.updated``."""
    return {
        "specversion": "1.0",
        "id": id_,
        "source": "intuit.dsnQUFO03UWbTQlR9vQYnAxlabGcUzXZ=",
        "type": f"qbo.{kind}.v1",
        "time": "2026-11-24T09:00:00.179851517Z",
        "intuitentityid": entity_id,
        "intuitaccountid": realm,
        "data": {},
        **more,
    }


def events(*of: dict[str, Any]) -> bytes:
    return json.dumps(list(of)).encode()


def signed(body: bytes, token: str = TOKEN) -> str:
    return base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest()).decode()
