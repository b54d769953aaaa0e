"""The accounting API's front: tokens, paths, headers, and the two ways of refusing."""

from __future__ import annotations

import secrets
from datetime import datetime

from aiohttp import web

from interlock_sandbox.books import BooksFault
from interlock_sandbox.grants import ACCOUNTING
from interlock_sandbox.qbo.company import Company, entity_of
from interlock_sandbox.qbo.faults import GatewayFault, gateway_json, service_json, unsupported
from interlock_sandbox.qbo.reports import report
from interlock_sandbox.qbo.statement import parse_error, tokens
from interlock_sandbox.sandbox import Sandbox

JSON_TYPE = "application/json;charset=utf-8"


class AccountingApi:
    """``/v3/company/{realm}/…`` over the sandbox's companies."""

    def __init__(self, sandbox: Sandbox, *, gzip: bool = False) -> None:
        self.sandbox = sandbox
        self.gzip = gzip
        self.companies = {realm: Company(sandbox, books) for realm, books in sandbox.companies.items()}

    async def handle(self, request: web.Request) -> web.Response:
        """Any request under ``/v3``."""
        now = self.sandbox.clock.served()
        body = await request.read()
        try:
            company = self._admitted(request, self.sandbox.clock.now())
            payload = self._dispatch(company, request, body, now)
        except GatewayFault as fault:
            response = web.Response(status=fault.status, body=gateway_json(fault, now), content_type="application/json")
            if fault.status == 401:
                response.headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
        except BooksFault as fault:
            response = web.Response(status=fault.status, body=service_json(fault, now), content_type="application/json")
        else:
            response = web.Response(body=payload, headers={"Content-Type": JSON_TYPE})
            if self.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
                response.enable_compression(web.ContentCoding.gzip)
        _stamp(response)
        return response

    def _admitted(self, request: web.Request, now: datetime) -> Company:
        """The company the bearer token opens; 401 code 3200, or 403 code 3100 for another realm."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        grant = self.sandbox.grants.allowed(token, now) if scheme.lower() == "bearer" else None
        if grant is None:
            detail = f"Token expired: {token[:12]}" if token else "Token is missing"
            raise GatewayFault(401, "3200", "AuthenticationFailed", detail)
        realm = request.match_info.get("realm", "")
        company = self.companies.get(realm)
        if company is None or grant.realm_id != realm or grant.disconnected or ACCOUNTING not in grant.scopes:
            raise GatewayFault(
                403, "3100", "ApplicationAuthorizationFailed", "The application is not authorized for this company",
                "AUTHORIZATION",
            )  # fmt: skip
        return company

    def _dispatch(self, company: Company, request: web.Request, body: bytes, now: datetime) -> bytes:
        parts = [part for part in request.match_info.get("tail", "").split("/") if part]
        params = request.query
        match request.method, parts:
            case "GET", ["query"]:
                return company.query(_statement(params.get("query", "")), now)
            case "POST", ["query"]:
                return company.query(_statement(_text(body)), now)
            case "GET", ["cdc"]:
                return company.changes(params, now)
            case "POST", ["batch"]:
                return company.batch(body, params, now)
            case "GET", ["reports", name]:
                return report(company.books, name, params, now, self.sandbox.quirks)
            case "GET", ["preferences"]:
                return company.read("Preferences", "1", now)
            case "GET", [segment, ref_id]:
                return company.read(entity_of(segment, request.path), ref_id, now)
            case "POST", [segment]:
                return company.write(entity_of(segment, request.path), body, params, now)
        raise unsupported(request.path)


def _statement(text: str) -> str:
    if not text.strip():
        raise parse_error(tokens("")[0], '"SELECT"')
    return text


def _text(body: bytes) -> str:
    """A statement's bytes; invalid UTF-8 is refused as QuickBooks does (code 500)."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise BooksFault(
            "500", "Unsupported Operation", "Operation MalformedByteSequenceException is not supported."
        ) from None


def _stamp(response: web.Response) -> None:
    headers = response.headers
    headers["intuit_tid"] = f"1-{secrets.token_hex(4)}-{secrets.token_hex(12)}"
    headers["QBO-Version"] = "1988.128"
    headers["Cache-Control"] = "max-age=0, no-cache, no-store, must-revalidate, private"
