"""What can be made to go wrong on purpose: slow answers, throttling, errors, cut lines, broken bodies, being down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from interlock_sandbox.qbo.faults import service_json, system_error, throttle_xml

KINDS = frozenset({"latency", "throttle", "server_error", "cut_after_commit", "malformed", "down"})
LONGEST_LATENCY_SECONDS = 600.0


@dataclass(slots=True)
class Disruption:
    """``left`` requests (``None``: until cleared) whose path holds ``path``; ``until`` bounds it in sandbox time."""

    kind: str
    left: int | None = None
    seconds: float = 0.0
    path: str = ""
    status: int = 500
    until: datetime | None = None

    def hits(self, path: str, now: datetime) -> bool:
        spent = self.left == 0 or (self.until is not None and now >= self.until)
        return not spent and self.path.lower() in path.lower()


@dataclass(slots=True)
class Disruptions:
    """Those in force, oldest first; one request uses up one of each kind it meets."""

    active: list[Disruption] = field(default_factory=list)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def add(self, wanted: dict[str, Any], now: datetime) -> None:
        """From the control API's words; raises ValueError with a sentence."""
        kind = str(wanted.get("kind"))
        if kind not in KINDS:
            raise ValueError(f"Unknown fault kind {kind}; use one of {', '.join(sorted(KINDS))}.")
        seconds = float(wanted.get("seconds", 0))
        if not 0 <= seconds <= LONGEST_LATENCY_SECONDS:
            raise ValueError(f"seconds must be between 0 and {LONGEST_LATENCY_SECONDS:g}.")
        count = wanted.get("count")
        until = now + timedelta(seconds=seconds) if kind == "down" and seconds else None
        left = int(count) if count is not None else None
        self.active.append(
            Disruption(kind, left, seconds, str(wanted.get("path", "")), int(wanted.get("status", 500)), until)
        )

    def clear(self) -> None:
        self.active.clear()

    def meet(self, path: str, now: datetime) -> dict[str, Disruption]:
        """The disruptions this request runs into, by kind, each used once."""
        met: dict[str, Disruption] = {}
        for disruption in self.active:
            if disruption.kind not in met and disruption.hits(path, now):
                met[disruption.kind] = disruption
                if disruption.left is not None:
                    disruption.left -= 1
        self.active = [each for each in self.active if each.left != 0 and (each.until is None or now < each.until)]
        return met


async def before(
    request: web.Request, met: dict[str, Disruption], now: datetime, sleep: Callable[[float], Awaitable[None]]
) -> web.Response | None:
    """What happens before the request is handled; an answer here means it never is."""
    if "down" in met:
        return cut(request)
    if "latency" in met:
        await sleep(met["latency"].seconds)
    if "throttle" in met:
        return web.Response(status=429, body=throttle_xml(now), content_type="application/xml")
    if "server_error" in met:
        status = met["server_error"].status
        if status == 500:
            return web.Response(status=500, body=service_json(system_error(), now), content_type="application/json")
        page = f"<html><head><title>{status}</title></head><body><h1>{status} Service Unavailable</h1></body></html>"
        return web.Response(status=status, text=page, content_type="text/html")
    return None


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
