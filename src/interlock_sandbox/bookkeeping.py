"""What a bookkeeper does in QuickBooks' own screens, as commands: no SyncToken needed, closed books do not stop them."""

from __future__ import annotations

from typing import Any

from interlock_sandbox.books import BooksFault
from interlock_sandbox.sandbox import Sandbox, Write

OPERATIONS = ("create", "update", "delete", "void", "merge")


class Misunderstood(Exception):
    """A command that cannot be: an HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def command_of(sandbox: Sandbox, realm: str, operation: str, sent: dict[str, Any]) -> Write:
    """From the control API's words: ``entity``, ``body`` and/or ``id``, ``sparse`` (yes unless told).

    A merge takes ``entity``, ``winner`` and ``loser`` ids, ``documents`` (untouched, touched) and ``trace`` (deleted,
    none).
    """
    if operation not in OPERATIONS:
        raise Misunderstood(404, f"Unknown operation {operation}; use one of {', '.join(OPERATIONS)}.")
    books = sandbox.companies[realm]
    entity = str(sent.get("entity", ""))
    if operation == "merge":
        body = {key: value for key, value in sent.items() if key in {"winner", "loser", "documents", "trace"}}
        return Write(realm, operation, entity, body, sandbox.clock.served())
    body = sent.get("body", {})
    if not isinstance(body, dict):
        raise Misunderstood(400, "body must be an object.")
    if "id" in sent:
        body = {**body, "Id": str(sent["id"])}
    if operation == "update" and "SyncToken" not in body:
        record = books.find(entity, str(body.get("Id", "")))
        body = {**body, "SyncToken": str(record.token) if record is not None else "0"}
    return Write(realm, operation, entity, body, sandbox.clock.served(), sparse=sent.get("sparse", True) is True)


def carry_out(sandbox: Sandbox, command: Write) -> dict[str, Any]:
    """Do it; what the books refuse comes as a sentence with QuickBooks' code."""
    try:
        return sandbox.write(command)
    except BooksFault as fault:
        raise Misunderstood(fault.status, f"{fault.code} {fault.message}: {fault.detail}") from fault


def apply_rigged(sandbox: Sandbox, realm: str, entity: str) -> None:
    """One query of an entity was answered: make the changes that were to happen after it, and note what came of each."""
    for change in sandbox.quirks.queried(realm, entity):
        noted: dict[str, Any] = {"realm_id": realm, "after_query_of": entity, "change": change}
        try:
            command = command_of(sandbox, realm, str(change.get("operation", "update")), change)
            noted["object"] = carry_out(sandbox, command)
        except Misunderstood as wrong:
            noted["error"] = str(wrong)
        sandbox.quirks.applied.append(noted)
