"""One company as the API sees it: reads, writes, batches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from interlock_sandbox.bookkeeping import apply_rigged
from interlock_sandbox.books import Books, BooksFault
from interlock_sandbox.books.fault import missing, not_found, not_in_plan, too_long
from interlock_sandbox.books.schema import BY_LOWER, SPECS
from interlock_sandbox.books.wire import ENCODER
from interlock_sandbox.journal import DECODER
from interlock_sandbox.qbo.cdc import changes
from interlock_sandbox.qbo.faults import fault_body, system_error, unsupported, wire_time
from interlock_sandbox.qbo.query import QueryEngine
from interlock_sandbox.qbo.standing import check_standing
from interlock_sandbox.qbo.statement import parse
from interlock_sandbox.sandbox import Sandbox, Write

MOST_BATCH_ITEMS = 30
LONGEST_REQUEST_ID = 50
LONGEST_BATCH_REQUEST_ID = 36
LONGEST_BATCH_ITEM_ID = 10
REFUSES_DUPLICATE_NUMBERS = frozenset({"Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"})

Params = Mapping[str, str]


class Company:
    """Answers for one realm; ``now`` is the sandbox's time of the request."""

    def __init__(self, sandbox: Sandbox, books: Books) -> None:
        self.sandbox = sandbox
        self.books = books
        self.queries = QueryEngine(books)

    def query(self, text: str, now: datetime) -> bytes:
        """A whole query answer; changes rigged to follow it happen before the next request."""
        return b'{"QueryResponse":' + self._answer(text, now) + envelope_end(now)

    def _answer(self, text: str, now: datetime) -> bytes:
        statement = parse(text)
        entity, quirks = statement.entity.name, self.sandbox.quirks
        self._check_plan(entity)
        bad = frozenset(
            ref_id
            for (realm, kind, ref_id), ways in quirks.poisoned.items()
            if (realm, kind) == (self.books.realm_id, entity) and "query" in ways
        )
        answer = self.queries.page(statement, now, bad)
        if quirks.rigged and not statement.counting:
            apply_rigged(self.sandbox, self.books.realm_id, entity)
        return answer

    def changes(self, params: Params, now: datetime) -> bytes:
        """A whole change data capture answer."""
        entities, since = params.get("entities", ""), params.get("changedSince", "")
        for name in entities.split(","):  # that the whole call is refused is our guess: nobody's recording shows it
            self._check_plan(BY_LOWER.get(name.strip().lower(), ""))
        return b'{"CDCResponse":' + changes(self.books, entities, since, now, self.sandbox.quirks) + envelope_end(now)

    def read(self, entity: str, ref_id: str, now: datetime) -> bytes:
        """One object by id; 2030 for what is no number, 610 (HTTP 400) for what is not there."""
        if entity in {"CompanyInfo", "Preferences"}:
            ref_id = "1"
        self._check_plan(entity)
        if not re.fullmatch(r"-?\d+", ref_id):
            detail = f"Id should be a valid number. Supplied value:{ref_id}"
            raise BooksFault("2030", "Invalid ID", detail, element="Id")
        record = self.books.find(entity, ref_id)
        if record is None:
            raise not_found()
        if self.sandbox.quirks.is_poisoned(self.books.realm_id, entity, ref_id, "read"):
            raise system_error()
        return b'{"%b":' % entity.encode() + self.books.raw(record) + envelope_end(now)

    def write(self, entity: str, body: bytes, params: Params, now: datetime) -> bytes:
        """Create, update, delete or void, as the ``operation`` and ``include`` parameters say."""
        sent = json_object(body)
        includes = params.get("include", "").lower().split(",")
        operation = params.get("operation", "").lower() or ("update" if "Id" in sent else "create")
        if "void" in includes:
            operation = "void"
        request_id = request_id_of(params, LONGEST_REQUEST_ID)
        answer, at = self._once(
            self._command(entity, operation, sent, now, "allowduplicatedocnum" not in includes, request_id)
        )
        return ENCODER.encode({entity: answer, "time": wire_time(at)})

    def batch(self, body: bytes, params: Params, now: datetime) -> bytes:
        """Up to 30 independent items, each answered or refused by itself; queries see the books before the writes."""
        items = json_object(body).get("BatchItemRequest")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise BooksFault(
                "2010", "Request has invalid or unsupported property", "Property Name:BatchItemRequest is not a list"
            )
        if len(items) > MOST_BATCH_ITEMS:
            detail = f"Batch size exceeds allowed limit : {MOST_BATCH_ITEMS}"
            raise BooksFault("1040", "The maximum number of batch items has been exceeded", detail)
        request_id = request_id_of(params, LONGEST_BATCH_REQUEST_ID)
        read = {number: self._queried(item, now) for number, item in enumerate(items) if "Query" in item}
        journal: list[dict[str, Any]] = []
        answers = [
            read[number] if number in read else self._written(item, now, request_id, journal)
            for number, item in enumerate(items)
        ]
        self.sandbox.journal.append(*journal)
        return b'{"BatchItemResponse":[' + b",".join(answers) + b"]" + envelope_end(now)

    def _queried(self, item: dict[str, Any], now: datetime) -> bytes:
        name = ENCODER.encode(str(item.get("bId", "")))
        try:
            return b'{"QueryResponse":' + self._answer(str(item["Query"]), now) + b',"bId":' + name + b"}"
        except BooksFault as fault:
            return ENCODER.encode({"Fault": fault_body(fault), "bId": str(item.get("bId", ""))})

    def _written(
        self, item: dict[str, Any], now: datetime, request_id: str | None, journal: list[dict[str, Any]]
    ) -> bytes:
        name = str(item.get("bId", ""))
        try:
            if request_id is not None and len(name) > LONGEST_BATCH_ITEM_ID:
                raise too_long("bId", LONGEST_BATCH_ITEM_ID)
            command = self._item_command(item, now, f"{request_id}:{name}" if request_id else None)
            known = self._known(command)
            if known is not None:
                return ENCODER.encode({command.entity: known[0], "bId": name})
            check_standing(self.books, command)
            answer, lines = self.sandbox.attempt(command)
            journal.extend(lines)
            if isinstance(answer, BooksFault):
                raise answer
        except BooksFault as fault:
            return ENCODER.encode({"Fault": fault_body(fault), "bId": name})
        return ENCODER.encode({command.entity: answer, "bId": name})

    def _item_command(self, item: dict[str, Any], now: datetime, request_id: str | None) -> Write:
        entity = next((key for key in item if key in SPECS), None)
        if entity is None or not isinstance(item[entity], dict):
            raise BooksFault("2010", "Request has invalid or unsupported property", "Property Name:no entity in item")
        options = str(item.get("optionsData", "")).lower()
        operation = "void" if options == "void" else str(item.get("operation", "")).lower()
        return self._command(entity, operation, item[entity], now, options != "allowduplicatedocnum", request_id)

    def _command(
        self, entity: str, operation: str, sent: dict[str, Any], now: datetime, refuse: bool, request_id: str | None
    ) -> Write:
        self._check_plan(entity)
        if operation not in {"create", "update", "delete", "void"}:
            raise BooksFault("500", "Unsupported Operation", f"Operation {operation} is not supported.")
        if operation in {"delete", "void"}:
            for field in ("Id", "SyncToken"):
                if field not in sent:
                    raise missing(field)
        if entity == "Account" and operation == "update" and "Name" not in sent:
            raise missing("Name")
        return Write(
            self.books.realm_id,
            operation,
            entity,
            sent,
            now,
            sparse=sent.get("sparse") is True,
            refuse_duplicate=refuse and entity in REFUSES_DUPLICATE_NUMBERS,
            request_id=request_id,
        )

    def _check_plan(self, entity: str) -> None:
        if self.sandbox.quirks.lacks(self.books.realm_id, entity):
            raise not_in_plan(entity)

    def _once(self, command: Write) -> tuple[dict[str, Any], datetime]:
        """Carry out, or answer again what the same requestid was answered."""
        known = self._known(command)
        if known is not None:
            return known
        check_standing(self.books, command)
        return self.sandbox.write(command), command.at

    def _known(self, command: Write) -> tuple[dict[str, Any], datetime] | None:
        if command.request_id is None:
            return None
        return self.sandbox.replayed.get((command.realm, command.request_id))


def entity_of(segment: str, path: str) -> str:
    """The entity a lower-case path segment names."""
    name = BY_LOWER.get(segment.lower())
    if name is None:
        raise unsupported(path)
    return name


def json_object(body: bytes) -> dict[str, Any]:
    """A request body as a JSON object with exact numbers."""
    try:
        return DECODER.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError) as broken:
        raise BooksFault(
            "2010",
            "Request has invalid or unsupported property",
            f"Property Name:failed to parse json object; {broken}",
        ) from broken


def request_id_of(params: Params, longest: int) -> str | None:
    """The idempotency key; an empty one counts as none."""
    value = params.get("requestid")
    if not value:
        return None
    if len(value) > longest:
        raise too_long("requestid", longest)
    return value


def envelope_end(now: datetime) -> bytes:
    """What closes an envelope: the server's time."""
    return b',"time":"' + wire_time(now).encode() + b'"}'
