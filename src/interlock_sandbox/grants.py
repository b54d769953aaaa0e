"""Intuit's grants: who may see which company, by rotating refresh tokens and short access tokens (qbo.md §1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 8_726_400
CODE_SECONDS = 600

Event = dict[str, Any]


@dataclass(slots=True)
class Grant:
    """One consent: a company, and the only refresh token that works for it now."""

    id: int
    realm_id: str
    refresh_token: str
    refresh_until: datetime
    revoked: bool = False


@dataclass(slots=True)
class Access:
    """An access token's grant and end."""

    grant: Grant
    until: datetime


@dataclass(slots=True)
class Grants:
    """All grants and tokens. Each command returns the event to journal; ``apply`` makes it so, now and on replay."""

    grants: dict[int, Grant] = field(default_factory=dict)
    by_refresh: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=dict)
    codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def consent(self, realm_id: str, now: datetime) -> Event:
        """A new, independent grant for a company."""
        return {"kind": "grant", "id": len(self.grants) + 1, "realm": realm_id, "refresh": _token("RT1"), "at": now}

    def code(self, realm_id: str, now: datetime) -> Event:
        """An authorization code, good once."""
        return {"kind": "code", "realm": realm_id, "code": _token("AB11"), "at": now}

    def redeem(self, code: str, now: datetime) -> list[Event] | None:
        """A code for a grant and its first tokens; ``None`` when it is unknown, used or too old."""
        known = self.codes.get(code)
        if known is None or now >= known[1]:
            return None
        granted = self.consent(known[0], now)
        granted["code"] = code
        return [granted, self._rotation(granted["id"], now)]

    def refresh(self, token: str, now: datetime) -> Event | None:
        """New tokens for the current refresh token; ``None`` when it is not (or no longer) good."""
        grant = self.by_refresh.get(token)
        if grant is None or grant.revoked or now >= grant.refresh_until:
            return None
        return self._rotation(grant.id, now)

    def revoke(self, token: str) -> Event | None:
        """End the grant behind a refresh or access token."""
        grant = self.by_refresh.get(token)
        if grant is None and token in self.access:
            grant = self.access[token].grant
        return {"kind": "revoke", "grant": grant.id} if grant is not None else None

    def allowed(self, token: str, now: datetime) -> Grant | None:
        """The grant of a living access token."""
        access = self.access.get(token)
        if access is None or access.grant.revoked or now >= access.until:
            return None
        return access.grant

    def apply(self, event: Event) -> None:
        """Make an event so."""
        kind = event["kind"]
        if kind == "grant":
            at = _moment(event["at"])
            grant = Grant(event["id"], event["realm"], event["refresh"], at + timedelta(seconds=REFRESH_SECONDS))
            self.grants[grant.id] = grant
            self.by_refresh[grant.refresh_token] = grant
            self.codes.pop(event.get("code", ""), None)
        elif kind == "code":
            self.codes[event["code"]] = (event["realm"], _moment(event["at"]) + timedelta(seconds=CODE_SECONDS))
        elif kind == "rotate":
            self._rotate(event)
        elif kind == "revoke":
            self._end(self.grants[event["grant"]])
        elif kind == "revoke_realm":
            for grant in self.grants.values():
                if event["realm"] in (None, grant.realm_id):
                    self._end(grant)
        elif kind == "expire":
            for token in [t for t, a in self.access.items() if event["realm"] in (None, a.grant.realm_id)]:
                del self.access[token]

    def _rotation(self, grant_id: int, now: datetime) -> Event:
        return {"kind": "rotate", "grant": grant_id, "access": _token("AT"), "refresh": _token("RT1"), "at": now}

    def _rotate(self, event: Event) -> None:
        grant = self.grants[event["grant"]]
        at = _moment(event["at"])
        self.by_refresh.pop(grant.refresh_token, None)
        grant.refresh_token = event["refresh"]
        grant.refresh_until = at + timedelta(seconds=REFRESH_SECONDS)
        self.by_refresh[grant.refresh_token] = grant
        self.access[event["access"]] = Access(grant, at + timedelta(seconds=ACCESS_SECONDS))

    def _end(self, grant: Grant) -> None:
        grant.revoked = True
        self.by_refresh.pop(grant.refresh_token, None)


def _token(prefix: str) -> str:
    return f"{prefix}-{secrets.token_urlsafe(36)}"


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
