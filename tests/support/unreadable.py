"""QuickBooks' answers with documents in them that we can't read: what a format that moved a little looks like."""

import json
from typing import Any


def without_date(body: bytes, entity: str, *ids: str) -> bytes:
    """The answer with these documents left without their date, which no document can do without. What is no JSON stays."""
    if f'"{entity}"'.encode() not in body:
        return body
    try:
        said = json.loads(body)
    except ValueError:
        return body
    _strip(said, entity, frozenset(ids))
    return json.dumps(said).encode()


def _strip(value: Any, entity: str, ids: frozenset[str]) -> None:
    if isinstance(value, list):
        for each in value:
            _strip(each, entity, ids)
    elif isinstance(value, dict):
        rows = value.get(entity)
        for row in rows if isinstance(rows, list) else ():
            if row.get("Id") in ids:
                row.pop("TxnDate", None)
        for each in value.values():
            _strip(each, entity, ids)
