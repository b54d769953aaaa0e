"""How Intuit says no: the service shape, the gateway shape, and the XML of the throttle (qbo.md §7, §8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from interlock_sandbox.books import BooksFault
from interlock_sandbox.books.document import PACIFIC
from interlock_sandbox.books.wire import ENCODER


class GatewayFault(Exception):
    """A refusal before QuickBooks is reached: lower-case shape with nulls and epoch milliseconds."""

    def __init__(self, status: int, code: str, word: str, detail: str, kind: str = "AUTHENTICATION") -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.word = word
        self.detail = detail
        self.kind = kind


def wire_time(now: datetime) -> str:
    """Envelope time: milliseconds and the Pacific offset."""
    return now.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def fault_body(fault: BooksFault) -> dict[str, Any]:
    """The ``Fault`` object of the service shape, also used per batch item."""
    error: dict[str, Any] = {"Message": fault.message, "Detail": fault.detail, "code": fault.code}
    if fault.element is not None:
        error["element"] = fault.element
    return {"Error": [error], "type": fault.kind}


def service_json(fault: BooksFault, now: datetime) -> bytes:
    """The whole answer of the service shape."""
    return ENCODER.encode({"Fault": fault_body(fault), "time": wire_time(now)})


def gateway_json(fault: GatewayFault, now: datetime) -> bytes:
    """The whole answer of the gateway shape."""
    error = {
        "message": f"message={fault.word}; errorCode={fault.code:0>6}; statusCode={fault.status}",
        "detail": fault.detail,
        "code": fault.code,
        "element": None,
    }
    return ENCODER.encode(
        {
            "warnings": None, "intuitObject": None, "fault": {"error": [error], "type": fault.kind}, "report": None,
            "queryResponse": None, "batchItemResponse": [], "attachableResponse": [], "syncErrorResponse": None,
            "requestId": None, "time": int(now.timestamp() * 1000), "status": None, "cdcresponse": [],
        }
    )  # fmt: skip


def throttle_xml(now: datetime, status: int = 429) -> bytes:
    """A throttle comes as XML whatever the client accepts."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse time="{wire_time(now)}" xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE">'
        f'<Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode={status}</Message>'
        "<Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>"
    ).encode()


def unsupported(path: str) -> BooksFault:
    """A path QuickBooks has no resource for: code 500 under HTTP 400."""
    detail = f"Operation Could not find resource for relative : {path} of full path: {path} is not supported."
    return BooksFault("500", "Unsupported Operation", detail)


def system_error() -> BooksFault:
    """10000: something went wrong on their side."""
    return BooksFault(
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: An application error has occurred while processing your request",
        element="",
        status=500,
        kind="SystemFault",
    )
