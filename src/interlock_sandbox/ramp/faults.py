"""What Ramp answers when it refuses (ramp.md §2): ``error_v2`` with a code, and the older form beside it."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from aiohttp import web

VALIDATION = "DEVELOPER_7001"
SCOPES = "DEVELOPER_7100"
UNAUTHORIZED = "DEVELOPER_7000"
NOT_FOUND = "DEVELOPER_7002"
INCOMPLETE_DRAFT = "BILL_PAY_7145"
REFUSED = "BILL_PAY_7001"
THROTTLED = "DEVELOPER_7010"
BROKEN = "DEVELOPER_7999"


_TROUBLES = count(1)


class RampFault(Exception):
    """A refused request: a status, Ramp's code, a sentence, and what is wrong field by field."""

    def __init__(self, status: int, code: str, message: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.fields = fields or {}

    def body(self) -> dict[str, Any]:
        legacy: dict[str, Any] = dict(self.fields) or {"message": str(self), "error_code": self.code}
        return {
            "error_v2": {
                "error_code": self.code, "message": str(self), "notes": "", "additional_info": self.fields,
            },
            "error": legacy,
        }  # fmt: skip

    def response(self) -> web.Response:
        return web.Response(
            status=self.status, body=json.dumps(self.body()).encode(), content_type="application/json"
        )  # fmt: skip


def invalid(field: str, *sentences: str) -> RampFault:
    """422: one field is not as it should be."""
    return RampFault(422, VALIDATION, sentences[0], {field: list(sentences)})


def not_found(what: str, key: str) -> RampFault:
    return RampFault(404, NOT_FOUND, f"{what} {key} does not exist.")


def refused(sentence: str, code: str = REFUSED) -> RampFault:
    """400: understood, and not done."""
    return RampFault(400, code, sentence)


def trouble(status: int) -> web.Response:
    """Ramp in trouble, in its own words."""
    known = {
        429: (THROTTLED, "Too many requests."),
        500: (BROKEN, "An internal error occurred."),
        504: (BROKEN, "The request took too long."),
    }
    code, message = known.get(status, (BROKEN, "The service is unavailable."))
    response = RampFault(status, code, message).response()
    response.headers["x-trace-id"] = f"{next(_TROUBLES):032x}"
    return response
