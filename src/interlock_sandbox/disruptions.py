"""What can be made to go wrong on purpose: slow answers, throttling, errors, cut lines, broken bodies, being down."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from interlock_sandbox.qbo.faults import service_json, system_error
from interlock_sandbox.qbo.throttle import FORMS, Form, refusal

KINDS = frozenset({"latency", "throttle", "server_error", "cut_after_commit", "malformed", "down", "drop"})
STORM_KINDS = KINDS - {"down"}
LONGEST_LATENCY_SECONDS = 600.0
LONGEST_SPELL = 1000

Sleep = Callable[[float], Awaitable[None]]

VENDORS: dict[str, Callable[[int], web.Response]] = {}
"""By the first part of the path: what a vendor other than Intuit answers with a status of trouble."""


@dataclass(slots=True)
class Disruption:
    """``left`` requests (``None``: until cleared) of ``method`` (empty: any) whose path holds ``path``.

    ``until`` bounds it in sandbox time. ``form`` and ``retry_after`` (seconds) are of a throttle's answer.
    """

    kind: str
    left: int | None = None
    seconds: float = 0.0
    path: str = ""
    method: str = ""
    status: int = 500
    until: datetime | None = None
    form: Form = "xml"
    retry_after: int | None = None

    def strike(self, method: str, path: str, now: datetime) -> list[Disruption]:
        """Itself, when this request is one of its own; that uses up one."""
        if self.over(now) or not _concerns(self, method, path):
            return []
        if self.left is not None:
            self.left -= 1
        return [self]

    def over(self, now: datetime) -> bool:
        return self.left == 0 or (self.until is not None and now >= self.until)

    def told(self) -> dict[str, Any]:
        return {"kind": self.kind, "count": self.left, "path": self.path}


@dataclass(slots=True)
class Storm:
    """Trouble by chance that repeats: what strikes depends on the seed and on how many requests came before, alone.

    ``probability`` by kind that a spell of it begins with a request; a spell lasts ``lengths`` requests (1 if not
    said). A server error's status is one of ``statuses``; latency is anything up to ``seconds``.
    """

    seed: int
    probability: dict[str, float]
    lengths: dict[str, int] = field(default_factory=dict)
    seconds: float = 1.0
    statuses: tuple[int, ...] = (500, 503)
    path: str = ""
    method: str = ""
    left: int | None = None
    form: Form = "xml"
    retry_after: int | None = None
    requests: int = 0
    struck: Counter[str] = field(default_factory=Counter)

    def strike(self, method: str, path: str, now: datetime) -> list[Disruption]:
        """What this request runs into, if it is one of the storm's."""
        if self.over(now) or not _concerns(self, method, path):
            return []
        self.requests += 1
        if self.left is not None:
            self.left -= 1
        struck = [kind for kind in sorted(self.probability) if self._spell(kind)]
        self.struck.update(struck)
        return [self._disruption(kind) for kind in struck]

    def over(self, now: datetime) -> bool:
        del now
        return self.left == 0

    def told(self) -> dict[str, Any]:
        return {
            "kind": "storm", "seed": self.seed, "count": self.left, "path": self.path, "requests": self.requests,
            "struck": dict(self.struck),
        }  # fmt: skip

    def _spell(self, kind: str) -> bool:
        first = max(1, self.requests - self.lengths.get(kind, 1) + 1)
        return any(self._chance(kind, ordinal) < self.probability[kind] for ordinal in range(first, self.requests + 1))

    def _chance(self, what: str, ordinal: int) -> float:
        """From 0 to 1, the same for the same seed and ordinal."""
        drawn = hashlib.blake2b(f"{self.seed} {what} {ordinal}".encode(), digest_size=8).digest()
        return int.from_bytes(drawn) / 2**64

    def _disruption(self, kind: str) -> Disruption:
        return Disruption(
            kind,
            seconds=self._chance("seconds", self.requests) * self.seconds,
            status=self.statuses[int(self._chance("status", self.requests) * len(self.statuses))],
            form=self.form,
            retry_after=self.retry_after,
        )


@dataclass(slots=True)
class Disruptions:
    """Those in force, oldest first; one request uses up one of each kind it meets. ``sleep`` passes the time."""

    active: list[Disruption | Storm] = field(default_factory=list)
    sleep: Sleep = asyncio.sleep

    def add(self, wanted: dict[str, Any], now: datetime) -> None:
        """From the control API's words; raises ValueError with a sentence."""
        self.active.append(_storm(wanted) if wanted.get("kind") == "storm" else _disruption(wanted, now))

    def clear(self) -> None:
        self.active.clear()

    def meet(self, method: str, path: str, now: datetime) -> dict[str, Disruption]:
        """The disruptions this request runs into, by kind, each used once."""
        met: dict[str, Disruption] = {}
        for each in self.active:
            if isinstance(each, Disruption) and each.kind in met:
                continue
            for disruption in each.strike(method, path, now):
                met.setdefault(disruption.kind, disruption)
        self.active = [each for each in self.active if not each.over(now)]
        return met


async def before(request: web.Request, met: dict[str, Disruption], now: datetime, sleep: Sleep) -> web.Response | None:
    """What happens before the request is handled; an answer here means it never is."""
    if "down" in met or "drop" in met:
        return cut(request)
    if "latency" in met:
        await sleep(met["latency"].seconds)
    says = vendor_of(request)
    if says is not None and "throttle" in met:
        return says(429)
    if says is not None and "server_error" in met:
        return says(met["server_error"].status)
    if "throttle" in met:
        return refusal(met["throttle"].form, met["throttle"].retry_after, now)
    if "server_error" in met:
        status = met["server_error"].status
        if status == 500:
            return web.Response(status=500, body=service_json(system_error(), now), content_type="application/json")
        page = f"<html><head><title>{status}</title></head><body><h1>{status} Service Unavailable</h1></body></html>"
        return web.Response(status=status, text=page, content_type="text/html")
    return None


def vendor_of(request: web.Request) -> Callable[[int], web.Response] | None:
    """Whose words trouble with this request is told in; ``None``: Intuit's."""
    return VENDORS.get("/" + request.path.split("/", 2)[1])


def after(request: web.Request, met: dict[str, Disruption], response: web.Response) -> web.Response:
    """What happens to an answer after everything has been carried out and journaled."""
    if "cut_after_commit" in met:
        return cut(request)
    if "malformed" in met and isinstance(response.body, bytes):
        whole = response.body
        return web.Response(status=response.status, body=whole[: max(1, len(whole) * 2 // 3)], headers=response.headers)
    return response


def cut(request: web.Request) -> web.Response:
    """Drop the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _concerns(trouble: Disruption | Storm, method: str, path: str) -> bool:
    return trouble.method in ("", method) and trouble.path.lower() in path.lower()


def _disruption(wanted: dict[str, Any], now: datetime) -> Disruption:
    kind = str(wanted.get("kind"))
    if kind not in KINDS:
        raise ValueError(f"Unknown fault kind {kind}; use one of {', '.join(sorted({*KINDS, 'storm'}))}.")
    seconds = _seconds(wanted.get("seconds", 0))
    until = now + timedelta(seconds=seconds) if kind == "down" and seconds else None
    return Disruption(kind, seconds=seconds, status=int(wanted.get("status", 500)), until=until, **_common(wanted))


def _storm(wanted: dict[str, Any]) -> Storm:
    odds = wanted.get("probability")
    lengths = wanted.get("lengths", {})
    statuses = wanted.get("statuses", [500, 503])
    if not isinstance(odds, dict) or not odds or not set(odds) <= STORM_KINDS:
        raise ValueError(f"probability must hold kinds among {', '.join(sorted(STORM_KINDS))}.")
    if not isinstance(lengths, dict) or not set(lengths) <= set(odds):
        raise ValueError("lengths must hold kinds that have a probability.")
    if not all(1 <= int(length) <= LONGEST_SPELL for length in lengths.values()):
        raise ValueError(f"lengths must hold numbers of requests from 1 to {LONGEST_SPELL}.")
    if not isinstance(statuses, list) or not statuses:
        raise ValueError("statuses must be a list of HTTP statuses.")
    chances = {kind: float(chance) for kind, chance in odds.items()}
    if not all(0 <= chance <= 1 for chance in chances.values()):
        raise ValueError("A probability is between 0 and 1.")
    return Storm(
        int(wanted.get("seed", 0)),
        chances,
        {kind: int(length) for kind, length in lengths.items()},
        _seconds(wanted.get("seconds", 1)),
        tuple(int(status) for status in statuses),
        **_common(wanted),
    )


def _common(wanted: dict[str, Any]) -> dict[str, Any]:
    form = str(wanted.get("form", "xml"))
    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}.")
    count, pause = wanted.get("count"), wanted.get("retry_after")
    return {
        "left": None if count is None else int(count), "path": str(wanted.get("path", "")),
        "method": str(wanted.get("method", "")).upper(), "form": form,
        "retry_after": None if pause is None else int(pause),
    }  # fmt: skip


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds <= LONGEST_LATENCY_SECONDS:
        raise ValueError(f"seconds must be between 0 and {LONGEST_LATENCY_SECONDS:g}.")
    return seconds
