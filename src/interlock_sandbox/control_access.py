"""The control API's part about consent: grants and their tokens, redirect addresses, and what ends a grant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from interlock_sandbox.control_form import Refused, body_of, json_answer
from interlock_sandbox.grants import ROTATIONS, Grant
from interlock_sandbox.sandbox import Sandbox

STRIKES = frozenset({"expire_tokens", "revoke_grant", "disconnect", "steal_tokens"})


class AccessControl:
    """Handlers under ``/control/grants``, ``/control/tokens`` and ``/control/redirects``."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/grants", self.grants),
            web.get("/control/grants/asked", self.asked),
            web.post("/control/grants/hard-expiry", self.hard_expiry),
            web.get("/control/tokens", self.tokens),
            web.post("/control/tokens", self.set_tokens),
            web.get("/control/redirects", self.redirects),
            web.post("/control/redirects", self.add_redirect),
        ]

    async def grants(self, request: web.Request) -> web.Response:
        """Every grant, oldest first; ``?realm=`` narrows. Ages in seconds of the sandbox's clock."""
        now = self.sandbox.clock.now()
        realm = request.query.get("realm")
        known = self.sandbox.grants
        listed = [_told(grant, now) for grant in known.grants.values() if realm in (None, grant.realm_id)]
        return json_answer({"grants": listed, "refused_unknown": known.refused_unknown})

    async def asked(self, request: web.Request) -> web.Response:
        """Every consent asked for since the start, oldest first: scopes and what came of it."""
        del request
        return json_answer({"asked": list(self.sandbox.asked)})

    async def hard_expiry(self, request: web.Request) -> web.Response:
        """When a company's grants (all grants without ``realm``) end for good: ``at`` or ``seconds`` from now."""
        sent = await body_of(request)
        self.sandbox.record({"kind": "hard_expiry", "realm": self._realm(sent), "until": self._moment(sent)})
        return await self.grants(request)

    async def tokens(self, request: web.Request) -> web.Response:
        """How refresh tokens change."""
        del request
        return json_answer({"rotation": self.sandbox.grants.rotation})

    async def set_tokens(self, request: web.Request) -> web.Response:
        """``rotation``: ``every`` refresh, or ``daily``: when the value is 24 hours old."""
        wanted = (await body_of(request)).get("rotation")
        if wanted not in ROTATIONS:
            raise Refused(400, f"rotation must be one of {', '.join(ROTATIONS)}.")
        self.sandbox.record({"kind": "rotation", "rotation": wanted})
        return await self.tokens(request)

    async def redirects(self, request: web.Request) -> web.Response:
        """The registered addresses; any port of this machine's loopback is allowed besides."""
        del request
        return json_answer({"redirects": sorted(self.sandbox.grants.redirects)})

    async def add_redirect(self, request: web.Request) -> web.Response:
        """Register a redirect address, as on Intuit's developer portal."""
        uri = str((await body_of(request)).get("uri", ""))
        parts = urlsplit(uri)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
            raise Refused(400, "uri must be a complete http or https address without a fragment.")
        self.sandbox.record({"kind": "redirect", "uri": uri})
        return await self.redirects(request)

    def strike(self, kind: str, sent: dict[str, Any]) -> None:
        """One of ``STRIKES``, at once, on a company's grants (on all without ``realm``)."""
        realm = self._realm(sent)
        if kind == "steal_tokens":
            self.sandbox.record(*self.sandbox.grants.steal(realm, self.sandbox.clock.now()))
        else:
            event = {"expire_tokens": "expire", "revoke_grant": "revoke_realm", "disconnect": "disconnect"}[kind]
            self.sandbox.record({"kind": event, "realm": realm})

    def _realm(self, sent: dict[str, Any]) -> str | None:
        realm = sent.get("realm")
        if realm is not None and realm not in self.sandbox.companies:
            raise Refused(404, f"No company has the realm id {realm}.")
        return realm

    def _moment(self, sent: dict[str, Any]) -> datetime:
        try:
            if "at" in sent:
                moment = datetime.fromisoformat(str(sent["at"]))
            else:
                moment = self.sandbox.clock.now() + timedelta(seconds=float(sent["seconds"]))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Refused(400, "Send at (an ISO moment with its offset) or seconds from now.") from None
        if moment.tzinfo is None:
            raise Refused(400, "at needs its offset from UTC.")
        return moment


def _told(grant: Grant, now: datetime) -> dict[str, Any]:
    def age(since: datetime | None) -> float | None:
        return None if since is None else (now - since).total_seconds()

    return {
        "id": grant.id,
        "realm_id": grant.realm_id,
        "scopes": list(grant.scopes),
        "created": grant.created.isoformat(),
        "refresh_token_age_seconds": age(grant.value_since),
        "refresh_token_expires": grant.refresh_until.isoformat(),
        "access_token_age_seconds": age(grant.access_since),
        "access_token_expires": grant.access_until.isoformat() if grant.access_until is not None else None,
        "hard_expires": grant.hard_until.isoformat(),
        "revoked": grant.revoked,
        "disconnected": grant.disconnected,
        "refreshes": grant.refreshes,
        "stolen": grant.stolen,
        "invalid_grants": grant.refused,
    }
