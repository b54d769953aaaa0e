"""Events on their way: one queue, one batch at a time, retried on Intuit's schedule; nothing passes a failing batch."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from interlock_sandbox.books.record import Happened
from interlock_sandbox.webhooks.bodies import Shape, body_of, headers
from interlock_sandbox.webhooks.events import Event, event_of

MOST_EVENTS = 50
MOST_LOGGED = 1000
RETRY_WAITS_SECONDS = (0, 10, 20, 30, 5 * 60, 20 * 60, 2 * 3600, 4 * 3600, 6 * 3600)
UNKNOWN_REALM = "9999999999999999"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an app hears of its companies, and the secret that signs."""

    url: str
    verifier_token: str
    shape: Shape = "cloudevents"


@dataclass(slots=True)
class Distortions:
    """What goes wrong with deliveries. Counts are used up; ``reorder`` (a seed), ``mix_realms`` and the delay stay.

    ``duplicate`` and ``drop`` count events, ``bad_signature`` counts attempts.
    """

    duplicate: int = 0
    drop: int = 0
    bad_signature: int = 0
    reorder: int | None = None
    mix_realms: bool = False
    delay_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt: what to POST where. ``number`` counts attempts from 1."""

    number: int
    attempt: int
    url: str
    headers: dict[str, str]
    body: bytes
    events: tuple[Event, ...]


@dataclass(slots=True)
class Outbox:
    """``take`` gives the next attempt that is due, ``settle`` says how it went; ``now`` is the server's time."""

    endpoint: Endpoint | None = None
    queue: list[Event] = field(default_factory=list)
    distortions: Distortions = field(default_factory=Distortions)
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_LOGGED))
    wakes: list[Callable[[], None]] = field(default_factory=list)
    failing: tuple[Event, ...] = ()
    attempts: int = 0
    retry_at: datetime | None = None
    made: int = 0
    told: int = 0
    invented: int = 0
    lost: list[int] = field(default_factory=list)

    def register(self, endpoint: Endpoint | None) -> None:
        """Send to this address from now on; nothing that happened before. ``None`` ends it and empties the queue."""
        self.endpoint = endpoint
        if endpoint is None:
            self.queue.clear()
            self._forget_failure()
        self.wake()

    def hear(self, realm: str, happened: Happened) -> None:
        """Queue the event of a change, if Intuit sends one and somebody is registered."""
        self.told += 1
        event = event_of(self.told, realm, happened)
        if event is not None and self.endpoint is not None:
            self.queue.append(event)
            self.wake()

    def invent(self, realm: str, entity: str, ref_id: str, operation: str, at: datetime) -> Event:
        """Queue an event of nothing that happened: the portal's test, or a company nobody connected."""
        self.invented += 1
        event = Event(-self.invented, realm, entity, ref_id, operation, at)
        self.queue.append(event)
        self.wake()
        return event

    def due(self) -> datetime | None:
        """When the next attempt is due; ``None`` while there is nothing to send or nowhere to send it."""
        if self.endpoint is None:
            return None
        if self.failing:
            return self.retry_at
        if not self.queue:
            return None
        return self.queue[0].at + timedelta(seconds=self.distortions.delay_seconds)

    def take(self, now: datetime, *, early: bool = False) -> Delivery | None:
        """The next attempt if it is due (``early``: even if it is not). Settle it before taking another."""
        due = self.due()
        if self.endpoint is None or due is None or (due > now and not early):
            return None
        if not self.failing:
            self.failing = tuple(self._batch())
            self.attempts = 0
        if not self.failing:
            return None
        self.made += 1
        self.attempts += 1
        body = body_of(self.failing, self.endpoint.shape)
        token = self.endpoint.verifier_token
        if self.distortions.bad_signature > 0:
            self.distortions.bad_signature -= 1
            token += " (not the secret)"
        sent = headers(body, token, now, number=self.made)
        return Delivery(self.made, self.attempts, self.endpoint.url, sent, body, self.failing)

    def settle(self, delivery: Delivery, status: int | None, now: datetime, trouble: str = "") -> list[int]:
        """What came of an attempt (``None``: no answer in time). Answers the numbers that are done with for good."""
        answered = status is not None and 200 <= status < 300
        line: dict[str, Any] = {
            "number": delivery.number, "at": now.isoformat(), "url": delivery.url, "attempt": delivery.attempt,
            "status": status, "trouble": trouble, "events": [spoken(event) for event in delivery.events],
        }  # fmt: skip
        if delivery.events != self.failing:
            self.log.append({**line, "trouble": "settled twice, or after the endpoint was taken away"})
            return []
        done: list[int] = []
        if answered:
            done = [event.number for event in self.failing if event.number > 0] + self.lost
            self.lost = []
            self._forget_failure()
        else:
            wait = RETRY_WAITS_SECONDS[min(self.attempts, len(RETRY_WAITS_SECONDS)) - 1]
            self.retry_at = now + timedelta(seconds=wait)
            line["retry_at"] = self.retry_at.isoformat()
        self.log.append(line)
        return done

    def restore(self, done: list[int]) -> None:
        """After a restart: events that were acknowledged before are not sent again."""
        known = set(done)
        self.queue = [event for event in self.queue if event.number not in known]

    def wake(self) -> None:
        for each in self.wakes:
            each()

    def _batch(self) -> list[Event]:
        """Take the next events from the queue: of one company unless realms are mixed."""
        wrong = self.distortions
        if wrong.reorder is not None:
            random.Random(wrong.reorder + self.made).shuffle(self.queue)
        dropped = self.queue[: wrong.drop]
        wrong.drop -= len(dropped)
        self.lost += [event.number for event in dropped if event.number > 0]
        del self.queue[: len(dropped)]
        if not self.queue:
            return []
        first = self.queue[0].realm
        taken = [event for event in self.queue if wrong.mix_realms or event.realm == first][:MOST_EVENTS]
        again = taken[: wrong.duplicate]
        wrong.duplicate -= len(again)
        gone = set(map(id, taken))
        self.queue = [event for event in self.queue if id(event) not in gone]
        self.queue += [replace(event) for event in again]
        return taken

    def _forget_failure(self) -> None:
        self.failing = ()
        self.attempts = 0
        self.retry_at = None


def spoken(event: Event) -> dict[str, Any]:
    """An event in the control API's words."""
    said = {
        "id": event.uuid, "realm_id": event.realm, "entity": event.entity, "entity_id": event.id,
        "operation": event.operation, "at": event.at.isoformat(),
    }  # fmt: skip
    return said if event.deleted_id is None else {**said, "deleted_id": event.deleted_id}
