"""Intuit's grants: who may see which company, by rotating refresh tokens and short access tokens (qbo.md §1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 8_726_400
HARD_SECONDS = 5 * 365 * 86_400
CODE_SECONDS = 600
VALUE_LASTS = timedelta(hours=24)

ACCOUNTING = "com.intuit.quickbooks.accounting"
SCOPES = frozenset({ACCOUNTING, "openid", "profile", "email", "phone", "address"})

Event = dict[str, Any]
Rotation = Literal["every", "daily"]
ROTATIONS: tuple[str, ...] = get_args(Rotation)


@dataclass(slots=True)
class Grant:
    """One consent: a company, and the only refresh token that works for it now.

    ``value_since`` is when that token's value was made, ``refresh_until`` when it ends unused, ``hard_until`` when the
    consent ends however much it is used. ``disconnected``: the company took it back in QuickBooks.
    """

    id: int
    realm_id: str
    scopes: tuple[str, ...]
    created: datetime
    refresh_token: str
    value_since: datetime
    refresh_until: datetime
    hard_until: datetime
    access_since: datetime | None = None
    access_until: datetime | None = None
    revoked: bool = False
    disconnected: bool = False
    refreshes: int = 0
    stolen: int = 0
    refused: int = 0


@dataclass(slots=True)
class Access:
    """An access token's grant and end."""

    grant: Grant
    until: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """What an authorization code stands for; ``redirect`` of ``None`` is not bound to an address."""

    realm_id: str
    scopes: tuple[str, ...]
    redirect: str | None
    until: datetime


@dataclass(slots=True)
class Grants:
    """All grants and tokens. Each command returns the events to journal; ``apply`` makes them so, now and on replay.

    ``rotation``: a refresh token's value changes at ``every`` refresh, or ``daily``, when it is 24 hours old.
    """

    rotation: Rotation = "every"
    grants: dict[int, Grant] = field(default_factory=dict)
    by_refresh: dict[str, Grant] = field(default_factory=dict)
    retired: dict[str, Grant] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    spent: dict[str, Grant] = field(default_factory=dict)
    redirects: set[str] = field(default_factory=set)
    refused_unknown: int = 0

    def consent(self, realm_id: str, now: datetime, scopes: tuple[str, ...] = (ACCOUNTING,)) -> Event:
        """A new, independent grant for a company."""
        return {
            "kind": "grant", "id": len(self.grants) + 1, "realm": realm_id, "scopes": list(scopes),
            "refresh": _token("RT1"), "at": now,
        }  # fmt: skip

    def code(
        self, realm_id: str, now: datetime, scopes: tuple[str, ...] = (ACCOUNTING,), redirect: str | None = None
    ) -> Event:
        """An authorization code, good once and, when it is bound, only with the same redirect address."""
        return {
            "kind": "code", "realm": realm_id, "code": _token("AB11"), "scopes": list(scopes), "redirect": redirect,
            "at": now,
        }  # fmt: skip

    def redeem(self, code: str, redirect: str, now: datetime) -> list[Event]:
        """A code for a grant and its first tokens: ends in a ``rotate``, or the code is refused.

        A code that comes a second time ends the grant of the first.
        """
        spent = self.spent.get(code)
        if spent is not None:
            return [self._refusal(spent)] + ([] if spent.revoked else [{"kind": "revoke", "grant": spent.id}])
        known = self.codes.get(code)
        if known is None or now >= known.until or known.redirect not in (None, redirect):
            return [self._refusal(None)]
        granted = self.consent(known.realm_id, now, known.scopes)
        granted["code"] = code
        return [granted, {**self._rotate_event(granted["id"], now, granted["refresh"]), "way": "exchange"}]

    def refresh(self, token: str, now: datetime) -> list[Event]:
        """New tokens for the current refresh token: ends in a ``rotate``, or the token is not (or no longer) good."""
        grant = self.by_refresh.get(token)
        if grant is None or grant.revoked or now >= min(grant.refresh_until, grant.hard_until):
            return [self._refusal(grant or self.retired.get(token))]
        keeps = self.rotation == "daily" and now - grant.value_since < VALUE_LASTS
        return [self._rotate_event(grant.id, now, token if keeps else _token("RT1"))]

    def steal(self, realm_id: str | None, now: datetime) -> list[Event]:
        """Refresh every living grant of a company behind its holder's back: the token the holder has is dead."""
        return [
            {**self._rotate_event(grant.id, now, _token("RT1")), "way": "theft"}
            for grant in self._of(realm_id)
            if not grant.revoked
        ]

    def revoke(self, token: str) -> Event | None:
        """End the grant behind a refresh or access token."""
        grant = self.by_refresh.get(token)
        if grant is None and token in self.access:
            grant = self.access[token].grant
        return {"kind": "revoke", "grant": grant.id} if grant is not None else None

    def allowed(self, token: str, now: datetime) -> Grant | None:
        """The grant of a living access token; it may have been ``disconnected``."""
        access = self.access.get(token)
        if access is None or now >= min(access.until, access.grant.hard_until):
            return None
        return access.grant if access.grant.disconnected or not access.grant.revoked else None

    def apply(self, event: Event) -> None:
        """Make an event so."""
        match event["kind"]:
            case "grant":
                self._granted(event)
            case "code":
                until = _moment(event["at"]) + timedelta(seconds=CODE_SECONDS)
                scopes = tuple(event.get("scopes", (ACCOUNTING,)))
                self.codes[event["code"]] = Code(event["realm"], scopes, event.get("redirect"), until)
            case "rotate":
                self._rotate(event)
            case "refused":
                self._refuse(event["grant"])
            case "revoke":
                self._end(self.grants[event["grant"]])
            case "revoke_realm" | "disconnect":
                for grant in self._of(event["realm"]):
                    grant.disconnected = grant.disconnected or (event["kind"] == "disconnect" and not grant.revoked)
                    self._end(grant)
            case "expire":
                for token in [t for t, a in self.access.items() if event["realm"] in (None, a.grant.realm_id)]:
                    del self.access[token]
            case "hard_expiry":
                for grant in self._of(event["realm"]):
                    grant.hard_until = _moment(event["until"])
            case "rotation":
                self.rotation = event["rotation"]
            case "redirect":
                self.redirects.add(event["uri"])

    def _of(self, realm_id: str | None) -> list[Grant]:
        return [grant for grant in self.grants.values() if realm_id in (None, grant.realm_id)]

    def _rotate_event(self, grant_id: int, now: datetime, refresh: str) -> Event:
        return {"kind": "rotate", "grant": grant_id, "access": _token("AT"), "refresh": refresh, "at": now}

    def _refusal(self, grant: Grant | None) -> Event:
        return {"kind": "refused", "grant": grant.id if grant is not None else None}

    def _granted(self, event: Event) -> None:
        at = _moment(event["at"])
        grant = Grant(
            id=event["id"],
            realm_id=event["realm"],
            scopes=tuple(event.get("scopes", (ACCOUNTING,))),
            created=at,
            refresh_token=event["refresh"],
            value_since=at,
            refresh_until=at + timedelta(seconds=REFRESH_SECONDS),
            hard_until=at + timedelta(seconds=HARD_SECONDS),
        )
        self.grants[grant.id] = grant
        self.by_refresh[grant.refresh_token] = grant
        if "code" in event:
            self.codes.pop(event["code"], None)
            self.spent[event["code"]] = grant

    def _rotate(self, event: Event) -> None:
        grant = self.grants[event["grant"]]
        at = _moment(event["at"])
        if event["refresh"] != grant.refresh_token:
            self._retire(grant)
            grant.refresh_token = event["refresh"]
            grant.value_since = at
            self.by_refresh[grant.refresh_token] = grant
        way = event.get("way", "refresh")
        grant.refreshes += way == "refresh"
        grant.stolen += way == "theft"
        grant.refresh_until = min(at + timedelta(seconds=REFRESH_SECONDS), grant.hard_until)
        grant.access_since = at
        grant.access_until = at + timedelta(seconds=ACCESS_SECONDS)
        self.access[event["access"]] = Access(grant, grant.access_until)

    def _refuse(self, grant_id: int | None) -> None:
        if grant_id is None:
            self.refused_unknown += 1
        else:
            self.grants[grant_id].refused += 1

    def _retire(self, grant: Grant) -> None:
        if self.by_refresh.pop(grant.refresh_token, None) is not None:
            self.retired[grant.refresh_token] = grant

    def _end(self, grant: Grant) -> None:
        grant.revoked = True
        self._retire(grant)


def unknown_scopes(asked: tuple[str, ...]) -> list[str]:
    """Those this sandbox has no consent for."""
    return [scope for scope in asked if scope not in SCOPES]


def _token(prefix: str) -> str:
    return f"{prefix}-{secrets.token_urlsafe(36)}"


def _moment(value: datetime | str) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
