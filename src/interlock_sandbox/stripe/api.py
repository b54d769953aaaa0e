"""Stripe's API over HTTP: keys, forms, idempotency, and every call of the table (stripe.md §1)."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from interlock_sandbox.parties import Step
from interlock_sandbox.sandbox import Sandbox
from interlock_sandbox.stripe.call import Call, Route
from interlock_sandbox.stripe.expanding import check
from interlock_sandbox.stripe.forms import nested, understood
from interlock_sandbox.stripe.party import Stripe
from interlock_sandbox.stripe.refusal import StripeRefusal, response, too_many
from interlock_sandbox.stripe.rendering import rendered
from interlock_sandbox.stripe.store import API_VERSION, Account, Saved, scrambled
from interlock_sandbox.stripe.table import routed

LONGEST_KEY = 255
RESTRICTED_MAY_WRITE = frozenset({"customers", "invoices", "invoiceitems"})
FORM = "application/x-www-form-urlencoded"
NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
)
NO_ACCESS = (
    "The provided key '{key}' does not have access to account '{account}' (or that account does not exist). Application "
    "access may have been revoked."
)


class StripeApi:
    """One handler for everything under ``/stripe/v1/``."""

    def __init__(self, sandbox: Sandbox, party: Stripe) -> None:
        self.sandbox = sandbox
        self.party = party
        self.asked = 0
        self.under_way: set[tuple[str, str]] = set()

    async def handle(self, request: web.Request) -> web.Response:
        self.asked += 1
        id_ = f"req_{scrambled('request', self.party.platform.id, self.asked, self.sandbox.clock.now(), length=14)}"
        headers = {"Request-Id": id_, "Stripe-Version": API_VERSION}
        try:
            status, body, more = await self._answer(request, id_)
        except StripeRefusal as refusal:
            status, body, more = refusal.status, refusal.body(), {}
        return response(status, body, headers | more)

    async def _answer(self, request: web.Request, id_: str) -> tuple[int, dict[str, Any] | bytes, dict[str, str]]:
        account, rights = self._account(request)
        if self.party.limits.over(account.id):
            raise too_many()
        path = request.match_info["tail"].strip("/")
        found = routed(request.method, path)
        if found is None:
            raise StripeRefusal(
                f"Unrecognized request URL ({request.method}: /v1/{path}). If you are trying to list objects, remove the "
                "trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier "
                "in your code.", status=404,
            )  # fmt: skip
        route, ids = found
        self._allowed(route, rights, request)
        version = request.headers.get("Stripe-Version", API_VERSION)
        if version != API_VERSION:
            raise StripeRefusal(f"Invalid Stripe API version: {version}", param="Stripe-Version")
        pairs = await _pairs(request)
        if request.method == "GET":
            sent = understood(route.accepts, nested(pairs))
            check(route, sent.get("expand", []))
            now = self.sandbox.clock.now()
            made = route.handler(Call(account, now, ids, sent))
            return 200, rendered(account, made, sent.get("expand", []), now), {}
        return await self._write(request, account, (route, path, pairs), id_)

    async def _write(
        self, request: web.Request, account: Account, call: tuple[Route, str, list[tuple[str, str]]], id_: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """A POST or DELETE, carried out as an act; under a key it has been sent with, answered as it was then."""
        route, path, pairs = call
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        if len(key) > LONGEST_KEY:
            raise StripeRefusal(
                f"Idempotency keys can be at most {LONGEST_KEY} characters long.", param="Idempotency-Key"
            )
        asked = hashlib.sha256(repr((request.method, path, pairs)).encode()).hexdigest()
        echo = {"Idempotency-Key": key, "Original-Request": id_} if key else {}
        if key:
            saved = account.saved(key, self.sandbox.clock.now())
            if saved is not None:
                return self._again(saved, asked, key)
            if (account.id, key) in self.under_way:
                raise StripeRefusal(
                    "There is currently another in-progress request using this Stripe Idempotent Key (that probably means "
                    "you submitted twice, and the other request is still going through): " + key,
                    status=409, kind="idempotency_error", code="idempotency_key_in_use",
                )  # fmt: skip
        sent = understood(route.accepts, nested(pairs))
        check(route, sent.get("expand", []))
        self.under_way.add((account.id, key))
        try:
            if self.party.slow_seconds:
                await self.sandbox.disruptions.sleep(self.party.slow_seconds)
            act: dict[str, Any] = {
                "act": "call", "account": account.id, "method": request.method, "path": path, "sent": sent,
                "request": id_, "key": key or None, "asked": asked,
            }  # fmt: skip
            if (breaks := self.party.breaks_now()) is not None:
                act["breaks"] = breaks
            self.sandbox.act("stripe", Step(self.sandbox.clock.now(), act))
        finally:
            self.under_way.discard((account.id, key))
        return self.party.answer.status, self.party.answer.body, echo

    def _again(self, saved: Saved, asked: str, key: str) -> tuple[int, bytes, dict[str, str]]:
        if saved.asked != asked:
            raise StripeRefusal(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using "
                f"a key other than '{key}' if you meant to execute a different request.", kind="idempotency_error",
            )  # fmt: skip
        return (
            saved.status,
            saved.body,
            {"Idempotency-Key": key, "Idempotent-Replayed": "true", "Original-Request": saved.request},
        )

    # --- who asks -----------------------------------------------------------------------------------------------

    def _account(self, request: web.Request) -> tuple[Account, str]:
        """The account that is meant, and what kind of key asks."""
        key = _key(request)
        holder = self.party.holder(key)
        if holder is None:
            revoked = any(key in account.revoked for account in self.party.accounts.values())
            what = (
                f"Expired API Key provided: {_veiled(key)}" if revoked else f"Invalid API Key provided: {_veiled(key)}"
            )
            raise StripeRefusal(what, status=401, code="api_key_expired" if revoked else None)
        owner, rights = holder
        wanted = request.headers.get("Stripe-Account")
        if wanted is None or wanted == owner.id:
            return owner, rights
        meant = self.party.accounts.get(wanted)
        if owner is not self.party.platform or meant is None or meant.deauthorized:
            message = NO_ACCESS.format(key=_veiled(key), account=wanted)
            raise StripeRefusal(message, status=403, code="account_invalid")
        return self.party.account(wanted), rights

    def _allowed(self, route: Route, rights: str, request: web.Request) -> None:
        """A restricted key reads, and writes what a bookkeeper writes; it moves no money."""
        writes = request.method != "GET"
        if rights == "secret" or not writes:
            return
        if route.resource not in RESTRICTED_MAY_WRITE or route.path.endswith(("/pay", "/attach_payment")):
            raise StripeRefusal(
                f"The provided key '{_veiled(_key(request))}' does not have the required permissions for this endpoint. Having "
                f"the 'rak_{route.resource.removesuffix('s')}_write' permission would allow this request to continue.",
                status=403, code="more_permissions_required",
            )  # fmt: skip


async def _pairs(request: web.Request) -> list[tuple[str, str]]:
    body = await request.read()
    if body and request.content_type != FORM:
        raise StripeRefusal(f"Invalid request: send parameters as {FORM}, not {request.content_type}.")
    try:
        return [*request.query.items(), *parse_qsl(body.decode(), keep_blank_values=True)]
    except UnicodeDecodeError:
        raise StripeRefusal("Invalid request: the body is not UTF-8.") from None


def _key(request: web.Request) -> str:
    scheme, _, told = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return told.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(told, validate=True).decode().partition(":")[0]
        except (NotBase64, UnicodeDecodeError):
            raise StripeRefusal("Invalid API Key provided.", status=401) from None
    raise StripeRefusal(NO_KEY, status=401)


def _veiled(key: str) -> str:
    return f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}" if len(key) > 12 else "*" * len(key)
