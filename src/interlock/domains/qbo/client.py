"""HTTP to QuickBooks Online. Read-only by construction: a call outside ``ALLOWED`` can't be made.

Decides what an answer means (two fault shapes, XML throttling, HTML on bad days) and what is worth trying again: reads
are, after a pause, and an expired token once. For a business that lets us record, ``RECORDING`` is added; a record is
sent again only when it certainly wasn't taken.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from interlock.domains.qbo import wire
from interlock.domains.qbo.grant import Tokens
from interlock.domains.qbo.mapper import RAIL
from interlock.domains.qbo.narrowing import Stumbled
from interlock.domains.qbo.pacing import Pacer, Paused
from interlock.domains.qbo.refusals import NOT_IN_PLAN, NotInPlan, refusal_of_record, switched_off
from interlock.infra.transport import Reply, Request, Transport, TransportError, Usage
from interlock.rails.errors import ContractBroken, OutcomeUnknown, RailError, Rejected, Unauthorised, Unavailable

T = TypeVar("T")

ALLOWED: frozenset[tuple[str, str]] = frozenset(
    {
        ("GET", "query"),
        ("GET", "cdc"),
        ("GET", "companyinfo"),
        ("GET", "preferences"),
        ("GET", "reports/AgedPayables"),
        ("GET", "reports/AgedReceivables"),
        ("GET", "reports/BalanceSheet"),
        ("POST", "batch"),  # of queries only: ``query_batch`` writes no other item
    }
)
"""Every call this product can make to a company's books, as (method, resource). Reading, all of it."""

RECORDING: frozenset[tuple[str, str]] = frozenset({("POST", "billpayment"), ("POST", "payment")})
"""What is added for a business that lets us record what already happened: new documents of these two kinds, no other act.

``QBOClient.record`` is the only way to them. It sends no query but ``requestid``, and refuses a document that would change
another (``Id``, ``SyncToken``, ``sparse``) or ask for money to be moved.
"""

_NOT_IN_A_RECORD = frozenset({"Id", "SyncToken", "sparse", "ProcessBillPayment"})

MINOR_VERSION = "75"
BATCH_ITEMS = 30
_TRIES = 5
_TRIES_AGAIN = 60  # in a client's life, which is a sync's: a bad day ends it instead of doubling its calls
_TRIES_OF_A_STUMBLE = 2  # once more: what is left then is a row, to be found by asking for less
_APPLICATION_ERROR = "10000"
_FIRST_PAUSE_SECONDS = 1.0
_THROTTLE_PAUSE_SECONDS = 60.0  # Intuit's advice for a 429
_LONGEST_PAUSE_SECONDS = 900.0
_THROTTLED = "QuickBooks is throttling this company; we wait and go on."
_SAID_CHARACTERS = 200
_KEY_SEEN = "600"  # this requestid is known there already: an earlier sending may have been taken
_EXACT = msgspec.json.Encoder(decimal_format="number")


class Throttled(Unavailable):
    """Too many requests, by Intuit's count: nobody starts another one for ``retry_after`` seconds."""


class QBOClient:
    """Calls to one realm. ``usage`` counts calls, bytes and metered reads; ``sleep`` waits between tries.

    A pause longer than ``patience`` seconds is raised instead of waited for. ``records`` adds ``RECORDING``; it is the business's
    word that we may, asked again before each sending.
    """

    def __init__(
        self,
        realm_id: str,
        api_url: str,
        transport: Transport,
        tokens: Tokens,
        pacer: Pacer,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        records: Callable[[], bool] | None = None,
        patience: float = float("inf"),
    ) -> None:
        self._records = records
        self._recording = frozenset[tuple[str, str]]() if records is None else RECORDING
        self._base = f"{api_url.rstrip('/')}/v3/company/{realm_id}"
        self._realm_id = realm_id
        self._transport = transport
        self._tokens = tokens
        self._pacer = pacer
        self._sleep = sleep
        self._patience = patience
        self._tries_again = _TRIES_AGAIN
        self.usage = Usage()

    async def query(self, statement: str) -> wire.Answer:
        """One ``SELECT``, one page of rows."""
        return _decode(await self._call("GET", "query", (("query", statement),)), wire.Answer)

    async def query_batch(self, statements: dict[str, str]) -> tuple[dict[str, wire.BatchItem], datetime | None]:
        """Up to 30 ``SELECT``s in one call, by a name of ours, and the answer's time; a fault in one fails them all.

        But for what the company's plan doesn't include: that item is left out of the answer.
        """
        items = [{"bId": name, "Query": statement} for name, statement in statements.items()]
        if len(items) > BATCH_ITEMS:
            raise ValueError(f"A batch holds {BATCH_ITEMS} queries, not {len(items)}.")
        body = msgspec.json.encode({"BatchItemRequest": items})
        answer = _decode(await self._call("POST", "batch", (), body, reads=len(items)), wire.Answer)
        found = {item.bId: item for item in answer.BatchItemResponse}
        for name in statements:
            if name not in found:
                raise ContractBroken(RAIL, f"QuickBooks answered a batch without its item {name}.", "BatchItemResponse")
            fault = found[name].Fault
            if fault is not None:
                trouble = _meaning(_error_of(fault), 400)
                if not isinstance(trouble, NotInPlan):
                    raise trouble
                del found[name]
        return found, answer.time

    async def changes(self, entities: list[str], since: str) -> wire.Answer:
        """Change data capture: full objects changed since ``since`` and stubs of the deleted (qbo.md §4)."""
        return _decode(
            await self._call("GET", "cdc", (("entities", ",".join(entities)), ("changedSince", since))), wire.Answer
        )

    async def company_info(self) -> wire.Settings:
        return _decode(await self._call("GET", "companyinfo", (), path=f"companyinfo/{self._realm_id}"), wire.Settings)

    async def preferences(self) -> wire.Settings:
        return _decode(await self._call("GET", "preferences", ()), wire.Settings)

    async def report(self, name: str, params: tuple[tuple[str, str], ...]) -> wire.Report:
        return _decode(await self._call("GET", f"reports/{name}", params), wire.Report)

    async def record(self, resource: str, document: dict[str, Any], key: str) -> bytes:
        """Create ``document`` under ``requestid=key``; the answer as it came, perhaps not even JSON.

        ``RecordingOff``, ``Rejected``, ``Unauthorised`` and ``Unavailable``: certainly nothing was written. ``OutcomeUnknown``: it
        may have been.
        """
        if ("POST", resource) not in self._recording or _does_more_than_record(document):
            raise PermissionError(f"POST {resource} of this is not among the calls Interlock makes to QuickBooks.")
        url = f"{self._base}/{resource}"
        query = (("requestid", key), ("minorversion", MINOR_VERSION))
        body = _EXACT.encode(document)
        refused: str | None = None
        for attempt in range(1, _TRIES + 1):
            trouble: RailError | None
            try:
                reply, token = await self._once("POST", url, query, body, refused, self._records)
            except Unavailable as down:  # before anything was sent: the sign-in, or everybody's pause
                trouble = down
            except TransportError as broken:
                trouble = Unavailable(RAIL, f"QuickBooks can't be reached: {broken.sentence}")
                if broken.sent:
                    trouble = OutcomeUnknown(RAIL, f"The record was sent and no answer came: {broken.sentence}", key)
            else:
                found = _trouble_with_record(reply, key)
                if found is None:
                    return reply.body
                if reply.status == 401 and refused is None and attempt < _TRIES:
                    refused = token
                    continue
                trouble = found
            await self._pause(trouble, attempt, _TRIES)
        raise AssertionError("the last try returns or raises")

    async def _call(
        self,
        method: str,
        resource: str,
        params: tuple[tuple[str, str], ...],
        body: bytes | None = None,
        path: str | None = None,
        *,
        reads: int = 1,
    ) -> bytes:
        if (method, resource) not in ALLOWED:
            raise PermissionError(f"{method} {resource} is not among the calls Interlock makes to QuickBooks.")
        url = f"{self._base}/{path or resource}"
        query = (*params, ("minorversion", MINOR_VERSION))
        refused: str | None = None
        for attempt in range(1, _TRIES + 1):
            try:
                reply, token = await self._once(method, url, query, body, refused)
                trouble = _trouble(reply)
            except Unavailable as down:  # before anything was sent: the sign-in, or everybody's pause
                trouble = down
            except TransportError as broken:
                trouble = Unavailable(RAIL, f"QuickBooks can't be reached: {broken.sentence}")
            else:
                if trouble is None:
                    self.usage.metered += reads
                    return reply.body
                if isinstance(trouble, Unauthorised) and reply.status == 401 and refused is None and attempt < _TRIES:
                    refused = token
                    continue
            tries = _TRIES_OF_A_STUMBLE if isinstance(trouble, Stumbled) else _TRIES
            await self._pause(trouble, attempt, tries)
        raise AssertionError("the last try returns or raises")

    async def _pause(self, trouble: RailError, attempt: int, tries: int) -> None:
        """Wait before another try, or raise what no other try will mend. Throttled, every worker waits."""
        if isinstance(trouble, Throttled) and trouble.retry_after is not None:
            await self._pacer.pause(trouble.retry_after)
        if not isinstance(trouble, Unavailable) or attempt >= tries or not self._tries_again:
            raise trouble
        seconds = trouble.retry_after or _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
        if seconds > self._patience:
            raise trouble
        self._tries_again -= 1
        await self._sleep(seconds)

    async def _once(
        self,
        method: str,
        url: str,
        query: tuple[tuple[str, str], ...],
        body: bytes | None,
        refused: str | None,
        allowed: Callable[[], bool] | None = None,
    ) -> tuple[Reply, str]:
        token = await self._tokens.access(self.usage, refused=refused)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._pacer.slot(batch=url.endswith("/batch"), patience=self._patience):
                # Asked here, where nothing is waited for any more: what is switched off meanwhile is off.
                if allowed is not None and not await asyncio.to_thread(allowed):
                    raise switched_off()
                return await self._transport.send(Request(method, url, query, headers, body), self.usage), token
        except Paused as paused:
            raise Unavailable(RAIL, _THROTTLED, paused.seconds) from None


def _decode(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as trouble:
        raise ContractBroken(RAIL, f"QuickBooks sent an answer we can't read: {trouble}.", shape.__name__) from trouble


def _does_more_than_record(document: dict[str, Any]) -> bool:
    return not _NOT_IN_A_RECORD.isdisjoint(document) or document.get("ProcessPayment", False) is not False


def _trouble_with_record(reply: Reply, key: str) -> RailError | None:
    """What is wrong with the answer to a record: a fault that names itself wrote nothing, anything else may have."""
    trouble, error = _trouble(reply), _read_fault(reply.body)
    if trouble is None or _throttled(reply) or isinstance(trouble, Unauthorised):
        return trouble
    if isinstance(trouble, Rejected) and error is not None and error.code not in {None, _KEY_SEEN}:
        return refusal_of_record(error)
    return OutcomeUnknown(RAIL, f"The record was sent and QuickBooks answered {reply.status} to it.", key)


def _throttled(reply: Reply) -> bool:
    return reply.status == 429 or (reply.status == 403 and b"ThrottleExceeded" in reply.body)


def _named_pause(reply: Reply) -> float | None:
    """``Retry-After`` in seconds, where there is one we can follow."""
    named = reply.headers.get("retry-after", "")
    return min(float(named), _LONGEST_PAUSE_SECONDS) if named.isascii() and named.isdigit() else None


def _trouble(reply: Reply) -> RailError | None:
    """What is wrong with an answer; ``None`` for a good one. A 200 that carries a fault is not a good one."""
    status = reply.status
    if _throttled(reply):
        return Throttled(RAIL, _THROTTLED, _named_pause(reply) or _THROTTLE_PAUSE_SECONDS)
    if status >= 500:
        stumbled = _read_fault(reply.body)
        if stumbled is not None and stumbled.code == _APPLICATION_ERROR:
            return _meaning(stumbled, status)
        return Unavailable(RAIL, f"QuickBooks answered {status}; it may be down for a moment.", _named_pause(reply))
    if status == 200 and b'"Fault"' not in reply.body[:400]:
        return None
    error = _read_fault(reply.body)
    if error is None and status == 200:
        return None
    return _meaning(error, status)


def _read_fault(body: bytes) -> wire.FaultError | None:
    try:
        answer = msgspec.json.decode(body, type=wire.FaultAnswer)
    except msgspec.DecodeError:
        return None  # XML or HTML: the status has to do
    fault = answer.Fault or answer.fault
    return None if fault is None else _error_of(fault)


def _error_of(fault: wire.FaultBody) -> wire.FaultError:
    errors = fault.Error or fault.error
    return errors[0] if errors else wire.FaultError()


def _meaning(error: wire.FaultError | None, status: int) -> RailError:
    code = (error.code if error else None) or str(status)
    said = ((error.Message or error.message) if error else None) or f"status {status}"
    if code == NOT_IN_PLAN:  # whatever its status: third parties list 403, a recording shows 400
        return NotInPlan()
    if status == 401:
        return Unauthorised(
            RAIL, "QuickBooks refused our access token; reconnect the company with `interlock connect qbo`."
        )
    if code in {"3100", "120"} or status == 403:
        return Unauthorised(
            RAIL,
            "This connection doesn't cover that QuickBooks company (disconnected, another company, or no admin); reconnect it.",
        )
    if code == _APPLICATION_ERROR:
        return Stumbled(RAIL, "QuickBooks had an application error; it may pass.")
    return Rejected(RAIL, f"QuickBooks refused (code {code}): {said[:_SAID_CHARACTERS]}", code)
