"""Intuit's limits per company, counted always and enforced on request; and the plan's monthly reads (qbo.md §7)."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from aiohttp import web

from interlock_sandbox.qbo.faults import GatewayFault, gateway_json, throttle_xml

Reason = Literal["second", "minute", "in_flight", "batches", "month"]
Form = Literal["xml", "xml_403", "json"]
FORMS: tuple[str, ...] = get_args(Form)
MINUTE = 60.0
SAYS = "The request limit was reached.  Try again later"


@dataclass(slots=True)
class Limits:
    """``enforced``: over a limit a request is refused, in ``form``, with ``Retry-After`` if ``retry_after`` is set.

    ``monthly_reads``: metered reads a month of all companies together; ``None``: no end. In force even when the
    others are not.
    """

    enforced: bool = False
    per_second: int = 10
    per_minute: int = 500
    in_flight: int = 10
    batches_per_minute: int = 40
    monthly_reads: int | None = None
    form: Form = "xml"
    retry_after: int | None = None


class Window:
    """How many came within the last ``span`` seconds: any stretch of that length, not a calendar's."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._came: deque[float] = deque()

    def count(self, now: float) -> int:
        while self._came and self._came[0] <= now - self._span:
            self._came.popleft()
        return len(self._came)

    def add(self, now: float) -> None:
        self._came.append(now)


@dataclass(slots=True)
class Traffic:
    """One company's requests. ``most`` tells the worst moment of each kind, refused requests among them."""

    second: Window = field(default_factory=lambda: Window(1.0))
    minute: Window = field(default_factory=lambda: Window(MINUTE))
    batches: Window = field(default_factory=lambda: Window(MINUTE))
    in_flight: int = 0
    requests: int = 0
    batch_requests: int = 0
    reads: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    most: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("second", "minute", "in_flight", "batches"), 0))

    def told(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "refused": self.refused.total(),
            "refused_for": dict(self.refused),
            "most_in_a_second": self.most["second"],
            "most_in_a_minute": self.most["minute"],
            "most_in_flight": self.most["in_flight"],
            "in_flight": self.in_flight,
            "batches": self.batch_requests,
            "most_batches_in_a_minute": self.most["batches"],
            "reads": self.reads,
        }


@dataclass(slots=True)
class Throttle:
    """``timer``: seconds that only move forward, apart from the sandbox's business clock. In memory only."""

    limits: Limits = field(default_factory=Limits)
    timer: Callable[[], float] = time.monotonic
    traffic: dict[str, Traffic] = field(default_factory=dict)
    months: Counter[str] = field(default_factory=Counter)

    def enter(self, realm_id: str, month: str, *, batch: bool, reading: bool) -> Reason | None:
        """A request has come: why it must be refused, or ``None``; then ``leave`` has to follow."""
        now = self.timer()
        traffic = self.traffic.setdefault(realm_id, Traffic())
        limits = self.limits
        with_it = {
            "second": traffic.second.count(now) + 1,
            "minute": traffic.minute.count(now) + 1,
            "in_flight": traffic.in_flight + 1,
            "batches": traffic.batches.count(now) + batch,
        }
        traffic.requests += 1
        traffic.batch_requests += batch
        traffic.most = {kind: max(most, with_it[kind]) for kind, most in traffic.most.items()}
        reason = self._over(with_it) if limits.enforced else None
        if (
            reason is None
            and reading
            and limits.monthly_reads is not None
            and self.months[month] >= limits.monthly_reads
        ):
            reason = "month"
        if reason is not None:
            traffic.refused[reason] += 1
            return reason
        traffic.second.add(now)
        traffic.minute.add(now)
        if batch:
            traffic.batches.add(now)
        traffic.in_flight += 1
        return None

    def leave(self, realm_id: str, month: str, reads: int) -> None:
        """An admitted request has been answered; ``reads`` of it were successful and are metered."""
        traffic = self.traffic[realm_id]
        traffic.in_flight -= 1
        traffic.reads += reads
        self.months[month] += reads

    def forget(self) -> None:
        """Count anew; what is in flight still leaves."""
        self.traffic = {realm: Traffic(in_flight=each.in_flight) for realm, each in self.traffic.items()}
        self.months.clear()

    def told(self, month: str) -> dict[str, Any]:
        """All counts and settings, for the control API."""
        refused = sum(traffic.refused["month"] for traffic in self.traffic.values())
        return {
            "limits": asdict(self.limits),
            "month": {"month": month, "reads": self.months[month], "refused": refused},
            "realms": {realm: traffic.told() for realm, traffic in self.traffic.items()},
        }

    def _over(self, with_it: dict[str, int]) -> Reason | None:
        limits = self.limits
        if with_it["in_flight"] > limits.in_flight:
            return "in_flight"
        if with_it["second"] > limits.per_second:
            return "second"
        if with_it["minute"] > limits.per_minute:
            return "minute"
        return "batches" if with_it["batches"] > limits.batches_per_minute else None


def refusal(form: Form, retry_after: int | None, now: datetime) -> web.Response:
    """429 as XML whatever the client accepts; or as seen in 2016, with 403; or as JSON (a guess, qbo.md §7)."""
    if form == "json":
        body = gateway_json(GatewayFault(429, "3001", "ThrottleExceeded", SAYS, "SERVICE"), now)
        response = web.Response(status=429, body=body, content_type="application/json")
    else:
        status = 403 if form == "xml_403" else 429
        response = web.Response(status=status, body=throttle_xml(now, status), content_type="application/xml")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
