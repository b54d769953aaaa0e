"""HTTP to Stripe: the calls in ``READING`` and ``COLLECTING``, no other. Every POST carries a key of ours (stripe.md §1).

Reads are tried again after a pause. An act is sent again only while it certainly was not taken; what may have been taken is
``OutcomeUnknown``, never a second sending.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from interlock.domains.stripe import forms, wire
from interlock.domains.stripe.mapper import RAIL, decoded
from interlock.domains.stripe.pacing import Pacer, Paused
from interlock.domains.stripe.refusals import Throttled, trouble_with_instruction, trouble_with_question
from interlock.infra.transport import Reply, Request, Transport, TransportError, Usage
from interlock.kernel.errors import BadInput
from interlock.kernel.unspoken import Unspoken
from interlock.rails.errors import ContractBroken, OutcomeUnknown, RailError, Unavailable

VERSION = "2026-10-28.endive"

READING: frozenset[tuple[str, str]] = frozenset(
    ("GET", resource)
    for resource in (
        "account",
        "customers",
        "customers/{id}",
        "invoices",
        "invoices/{id}",
        "invoice_payments",
        "invoice_payments/{id}",
        "charges",
        "charges/{id}",
        "refunds",
        "refunds/{id}",
        "disputes",
        "disputes/{id}",
        "payouts",
        "payouts/{id}",
        "balance_transactions",
        "events",
    )
)
"""Every question this product asks of Stripe, as (method, resource)."""

COLLECTING: frozenset[tuple[str, str]] = frozenset(
    ("POST", resource)
    for resource in (
        "invoices",
        "invoiceitems",
        "invoices/{id}",  # metadata only: that it was sent
        "invoices/{id}/finalize",
        "invoices/{id}/send",
        "invoices/{id}/void",
        "invoices/{id}/mark_uncollectible",
        "refunds",
    )
)
"""Every act. None of them charges a card, pays out, or moves money anywhere but back to the customer it came from."""

PAGE_ROWS = 100
_TRIES = 5
_TRIES_AGAIN = 60  # in a client's life, which is a sync's: a bad day ends it instead of doubling its calls
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_KEY = 255
_THROTTLED = "Stripe is throttling this account; we wait and go on."
_LIVE = {"sk_live_": True, "rk_live_": True, "sk_test_": False, "rk_test_": False}


class Access(Unspoken, msgspec.Struct, frozen=True):
    """How an account is reached: by a key of its own, or by the platform's key and ``account`` (Connect)."""

    key: str
    account: str | None = None

    def __post_init__(self) -> None:
        if not self.key.isascii() or not self.key.isprintable() or not self.key.startswith(tuple(_LIVE)):
            raise BadInput(
                "A Stripe secret key begins with sk_live_, rk_live_, sk_test_ or rk_test_; another text was given."
            )

    @property
    def live(self) -> bool:
        """Whether it opens real money, or Stripe's test mode."""
        return next(live for start, live in _LIVE.items() if self.key.startswith(start))


class StripeClient:
    """Calls to one account. ``usage`` counts calls and bytes; ``sleep`` waits between tries.

    A pause longer than ``patience`` seconds is raised instead of waited for.
    """

    def __init__(
        self,
        access: Access,
        api_url: str,
        transport: Transport,
        pacer: Pacer,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        patience: float = float("inf"),
    ) -> None:
        self.live = access.live
        self._headers = {
            "Authorization": f"Bearer {access.key}",
            "Stripe-Version": VERSION,
            "Accept": "application/json",
            **({"Stripe-Account": access.account} if access.account else {}),
        }
        self._base = f"{api_url.rstrip('/')}/v1"
        self._transport = transport
        self._pacer = pacer
        self._sleep = sleep
        self._patience = patience
        self._tries_again = _TRIES_AGAIN
        self.usage = Usage()

    async def listing(
        self, resource: str, params: Mapping[str, forms.Value], *, limit: int = PAGE_ROWS
    ) -> wire.Listing:
        """One page, newest first."""
        answer = decoded(await self._read(resource, None, {"limit": limit, **params}), wire.Listing)
        for each in answer.data:
            self._check_mode(bytes(each), resource)
        return answer

    async def one(
        self, resource: str, id_: str | None = None, params: Mapping[str, forms.Value] | None = None
    ) -> bytes:
        """One object, as received. ``Rejected`` with ``refusals.GONE`` when there is none."""
        body = await self._read(resource, id_, params or {})
        self._check_mode(body, resource)
        return body

    async def act(
        self,
        resource: str,
        params: Mapping[str, forms.Value],
        key: str,
        id_: str | None = None,
        *,
        order: str | None = None,
    ) -> bytes:
        """One POST under ``key``; the object it left, as received. ``order``: the key of the whole that this is a step of.

        ``Rejected``, ``Unauthorised`` and ``Unavailable``: certainly nothing was done. ``OutcomeUnknown``: it may have been.
        """
        if not 0 < len(key) <= _LONGEST_KEY:
            raise ValueError(f"A key has 1 to {_LONGEST_KEY} characters, not {len(key)}.")
        request = self._request("POST", resource, id_, {}, forms.encoded(params), {"Idempotency-Key": key})
        for attempt in range(1, _TRIES + 1):
            try:
                reply = await self._send(request)
                trouble = trouble_with_instruction(reply, order or key)
            except Unavailable as waiting:  # before anything was sent
                trouble = waiting
            except TransportError as broken:
                trouble = Unavailable(RAIL, f"Stripe can't be reached: {broken.sentence}")
                if broken.sent:
                    trouble = OutcomeUnknown(
                        RAIL, f"It was sent to Stripe and no answer came: {broken.sentence}", order or key
                    )
            else:
                if trouble is None:
                    return self._made(reply, resource, order or key)
            await self._pause(trouble, attempt)
        raise AssertionError("the last try returns or raises")

    async def _read(self, resource: str, id_: str | None, params: Mapping[str, forms.Value]) -> bytes:
        request = self._request("GET", resource, id_, params)
        for attempt in range(1, _TRIES + 1):
            try:
                reply = await self._send(request)
                trouble = trouble_with_question(reply)
            except Unavailable as waiting:
                trouble = waiting
            except TransportError as broken:
                trouble = Unavailable(RAIL, f"Stripe can't be reached: {broken.sentence}")
            else:
                if trouble is None:
                    return reply.body
            await self._pause(trouble, attempt)
        raise AssertionError("the last try returns or raises")

    def _request(
        self,
        method: str,
        resource: str,
        id_: str | None,
        params: Mapping[str, forms.Value],
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        if (method, resource) not in READING | COLLECTING:
            raise PermissionError(f"{method} {resource} is not among the calls Interlock makes to Stripe.")
        if ("{id}" in resource) != (id_ is not None) or (id_ is not None and not _is_id(id_)):
            raise ValueError(f"{resource} can't be asked for {id_!r}.")
        all_headers = {**self._headers, **(headers or {})}
        if body is not None:
            all_headers["Content-Type"] = "application/x-www-form-urlencoded"
        return Request(method, f"{self._base}/{resource.format(id=id_ or '')}", forms.pairs(params), all_headers, body)

    async def _send(self, request: Request) -> Reply:
        try:
            async with self._pacer.slot(patience=self._patience):
                return await self._transport.send(request, self.usage)
        except Paused as paused:
            raise Unavailable(RAIL, _THROTTLED, paused.seconds) from None

    async def _pause(self, trouble: RailError, attempt: int) -> None:
        """Wait before another try, or raise what no other try will mend. Throttled, every worker waits."""
        if isinstance(trouble, Throttled) and trouble.retry_after is not None:
            await self._pacer.pause(trouble.retry_after)
        if not isinstance(trouble, Unavailable) or attempt >= _TRIES or not self._tries_again:
            raise trouble
        seconds = trouble.retry_after or _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
        if seconds > self._patience:
            raise trouble
        self._tries_again -= 1
        await self._sleep(seconds)

    def _made(self, reply: Reply, resource: str, key: str) -> bytes:
        """What an act left. An answer that can't be read is no proof that nothing was done."""
        try:
            self._check_mode(reply.body, resource)
        except ContractBroken as trouble:
            raise OutcomeUnknown(RAIL, f"{trouble.sentence} It was sent; look it up.", key) from trouble
        return reply.body

    def _check_mode(self, raw: bytes, resource: str) -> None:
        """Test objects must never be taken for real money, nor the other way round."""
        said = decoded(raw, wire.Object).livemode if resource != "account" else None
        if said is not None and said != self.live:
            modes = ("live", "test") if self.live else ("test", "live")
            raise ContractBroken(
                RAIL, f"A {modes[0]} key was answered with {modes[1]} objects.", f"{resource}.livemode"
            )


def _is_id(text: str) -> bool:
    return text.isascii() and bool(text) and text.replace("_", "").isalnum()
