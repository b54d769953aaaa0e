"""The whole outside world of one run: firm, clock, grants and journal; every accepted command passes through here."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from interlock_sandbox.bank.bank import Bank
from interlock_sandbox.books import Books, BooksFault
from interlock_sandbox.books.document import PACIFIC
from interlock_sandbox.books.record import Happened
from interlock_sandbox.clock import SandboxClock, offset_for
from interlock_sandbox.disruptions import Disruptions
from interlock_sandbox.grants import Event, Grants
from interlock_sandbox.journal import Journal, JournalBroken
from interlock_sandbox.notices.notices import Notices, NoticesParty
from interlock_sandbox.parties import Party, Step
from interlock_sandbox.plaid.party import Plaid
from interlock_sandbox.qbo.throttle import Throttle
from interlock_sandbox.quirks import Quirks
from interlock_sandbox.ramp.party import Ramp
from interlock_sandbox.stripe.party import Stripe
from interlock_sandbox.webhooks.outbox import Delivery, Endpoint, Outbox


class Client(Protocol):
    """A client company as the world builds it."""

    @property
    def name(self) -> str: ...
    @property
    def slug(self) -> str: ...
    @property
    def character(self) -> str: ...
    @property
    def books(self) -> Books: ...
    @property
    def planted(self) -> list[Any]: ...


class Firm(Protocol):
    """An accounting firm with its clients."""

    @property
    def name(self) -> str: ...
    @property
    def clients(self) -> list[Any]: ...


Lives = Callable[[Any, date, date], None]


class World(NamedTuple):
    """What a folder's journal belongs to."""

    seed: int
    clients: int
    as_of: date
    rows: int | None = None

    def line(self) -> dict[str, Any]:
        made = {"kind": "world", "seed": self.seed, "clients": self.clients, "as_of": self.as_of.isoformat()}
        return made if self.rows is None else {**made, "rows": self.rows}


WorldBuilder = Callable[[World], Firm]


@dataclass(frozen=True, slots=True)
class Write:
    """One command on a company's books, in QuickBooks' words."""

    realm: str
    operation: str
    entity: str
    body: dict[str, Any]
    at: datetime
    sparse: bool = False
    refuse_duplicate: bool = False
    request_id: str | None = None

    def line(self) -> dict[str, Any]:
        """The journal's form of it."""
        return {
            "kind": "write", "realm": self.realm, "operation": self.operation, "entity": self.entity,
            "body": self.body, "at": self.at, "sparse": self.sparse, "refuse_duplicate": self.refuse_duplicate,
            "request_id": self.request_id,
        }  # fmt: skip


@dataclass(slots=True)
class Sandbox:
    """State and commands. Reads go straight to ``books``; writes, tokens and the clock go through the journal."""

    firm: Firm
    clock: SandboxClock
    journal: Journal
    client_id: str
    client_secret: str
    grants: Grants = field(default_factory=Grants)
    disruptions: Disruptions = field(default_factory=Disruptions)
    throttle: Throttle = field(default_factory=Throttle)
    companies: dict[str, Books] = field(default_factory=dict)
    replayed: dict[tuple[str, str], tuple[dict[str, Any], datetime]] = field(default_factory=dict)
    quirks: Quirks = field(default_factory=Quirks)
    outbox: Outbox = field(default_factory=Outbox)
    asked: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=10_000))
    lives: Lives | None = None
    lived_to: date = date.min
    notices: Notices = field(default_factory=Notices)
    parties: dict[str, Party] = field(default_factory=dict)
    """The other vendors, by name; ``catch_up`` lets happen to them what is due."""
    listeners: list[Callable[[str, Happened], None]] = field(default_factory=list)
    """Told of every change in a company's books."""
    rails: dict[str, Callable[[str], dict[str, Any] | None]] = field(default_factory=dict)
    """By vendor, what an app needs to link the client of a realm (``None``: it has no account there)."""

    def hear(self, realm: str, happened: Happened) -> None:
        """Pass on a change in a company's books."""
        for listener in self.listeners:
            listener(realm, happened)

    def write(self, command: Write) -> dict[str, Any]:
        """Carry out one command, journaled before this returns; a refused one changes nothing."""
        answer, line = self.attempt(command)
        self.journal.append(*line)
        if isinstance(answer, BooksFault):
            raise answer
        return answer

    def attempt(self, command: Write) -> tuple[dict[str, Any] | BooksFault, list[dict[str, Any]]]:
        """Carry out one command; answers it with the journal lines the caller must append."""
        books = self.companies[command.realm]
        accounts = len(books.records("Account"))
        answer: dict[str, Any] | BooksFault
        try:
            answer = _carry_out(books, command)
        except BooksFault as fault:
            answer = fault
        # A refused command may still have opened a standard account; the ids after it depend on that.
        accepted = not isinstance(answer, BooksFault) or len(books.records("Account")) != accounts
        if isinstance(answer, dict) and command.request_id:
            self.replayed[(command.realm, command.request_id)] = (answer, command.at)
        return answer, [command.line()] if accepted else []

    def act(self, party: str, step: Step) -> list[Any]:
        """Let one thing happen to a party, with what it writes in books; the answers of those writes."""
        lines: list[dict[str, Any]] = []
        answers: list[Any] = []
        for command in step.writes:
            answer, written = self.attempt(command)
            lines += written
            answers.append({"refused": str(answer)} if isinstance(answer, BooksFault) else answer)
        act = {**step.act, "answers": answers} if step.writes else step.act
        self.journal.append(*lines, {"kind": "act", "party": party, "at": step.at.isoformat(), "act": act})
        self.parties[party].apply(act, step.at)
        return answers

    def catch_up(self) -> int:
        """Let happen, in order of time, what has fallen due by now; how many things that were."""
        happened = 0
        while True:
            now = self.clock.now()
            found = [(step.at, name, step) for name, party in self.parties.items() if (step := party.due(now))]
            if not found:
                return happened
            _, name, step = min(found, key=lambda each: each[:2])
            self.act(name, step)
            happened += 1

    def record(self, *events: Event) -> None:
        """Journal token events, then make them so."""
        self.journal.append(*events)
        for event in events:
            self.grants.apply(event)

    def register_webhook(self, endpoint: Endpoint | None) -> None:
        """Send events to this address from now on (``None``: no more), after a restart too."""
        self.journal.append({"kind": "webhook", "endpoint": None if endpoint is None else asdict(endpoint)})
        self.outbox.register(endpoint)

    def delivered(self, delivery: Delivery, status: int | None, trouble: str = "") -> None:
        """What came of a delivery; what was acknowledged is not sent again after a restart."""
        done = self.outbox.settle(delivery, status, self.clock.served(), trouble)
        if done:
            self.journal.append({"kind": "delivered", "events": done})

    def skew(self, seconds: float) -> None:
        """Put the vendor's clock this much ahead of (negative: behind) everybody else's."""
        served = self.clock.now() + timedelta(seconds=seconds)
        self.journal.append({"kind": "skew", "seconds": seconds, "floor": served})
        self._skew(seconds, served)

    def advance(self, seconds: float, *, live: bool = True) -> None:
        """Move the clock forward for good; with ``live`` the clients' trade goes on through the days that pass."""
        before = self.clock.served()
        today = (self.clock.now() + timedelta(seconds=seconds)).astimezone(PACIFIC).date()
        line: dict[str, Any] = {"kind": "clock", "offset_seconds": self.clock.offset_seconds + seconds}
        if live and self.lives is not None and today > self.lived_to:
            line |= {"live_to": today.isoformat(), "floor": before}
        self.journal.append(line)
        self._clock(line, before)
        self.catch_up()
        self.outbox.wake()
        self.notices.wake()

    def _skew(self, seconds: float, served: datetime) -> None:
        """A clock set back stamps what comes next before what was stamped already."""
        self.clock.skew_seconds = seconds
        for books in self.companies.values():
            books.floor = min(books.floor, served.replace(microsecond=0))

    def _clock(self, line: dict[str, Any], floor: datetime) -> None:
        self.clock.offset_seconds = float(line["offset_seconds"])
        if "live_to" not in line or self.lives is None:
            return
        today = date.fromisoformat(line["live_to"])
        for client in self.firm.clients:
            client.books.floor = floor.replace(microsecond=0) + timedelta(seconds=1)
            self.lives(client, self.lived_to, today)
        self.lived_to = today

    def replay(self, line: dict[str, Any]) -> None:
        """Make a journaled line so again."""
        kind = line["kind"]
        if kind == "write":
            self.attempt(
                Write(**{**{k: v for k, v in line.items() if k != "kind"}, "at": datetime.fromisoformat(line["at"])})
            )
        elif kind == "clock":
            self._clock(line, datetime.fromisoformat(line["floor"]) if "floor" in line else self.clock.served())
        elif kind == "webhook":
            self.outbox.register(None if line["endpoint"] is None else Endpoint(**line["endpoint"]))
        elif kind == "act":
            self.parties[line["party"]].apply(line["act"], datetime.fromisoformat(line["at"]))
        elif kind == "delivered":
            self.outbox.restore(line["events"])
        elif kind == "skew":
            self._skew(float(line["seconds"]), datetime.fromisoformat(line["floor"]))
        else:
            self.grants.apply(line)


def open_sandbox(world: World, folder: Path, build: WorldBuilder, lives: Lives | None = None) -> Sandbox:
    """Build the seeded world and replay the folder's journal; a folder of another world is refused."""
    journal = Journal(folder)
    lines = list(journal.lines())
    if lines:
        made = {key: value for key, value in lines[0].items() if key != "offset_seconds"}
        if made != world.line():
            journal.close()
            raise JournalBroken(
                f"{folder} holds a world with {_spoken(made)}; start it with those, or choose another --data folder."
            )
    firm = build(world)
    books = {client.books.realm_id: client.books for client in firm.clients}
    if not lines:
        latest = max((each.latest for each in books.values()), default=datetime(2000, 1, 1, tzinfo=UTC))
        lines = [{**world.line(), "offset_seconds": offset_for(world.as_of, latest)}]
        journal.append(*lines)
    key = hashlib.sha256(f"interlock sandbox {world.seed}".encode()).hexdigest()
    clock = SandboxClock(float(lines[0]["offset_seconds"]))
    sandbox = Sandbox(
        firm, clock, journal, f"AB{key[:38]}", key[24:], companies=books, lives=lives, lived_to=world.as_of
    )
    bank = Bank(world.seed, world.as_of, list(books.values()))
    sandbox.parties |= {
        "notices": NoticesParty(sandbox.notices),
        "bank": bank,
        "plaid": Plaid(world.seed, bank, sandbox.notices),
        "stripe": Stripe(world.seed, world.as_of, list(books.values()), bank, sandbox.notices),
    }
    flawed = [frozenset(each.id for each in client.planted) for client in firm.clients]
    ramp = Ramp(world.seed, world.as_of, list(books.values()), flawed, bank, sandbox.notices, partial(_forget, firm))
    sandbox.parties["ramp"] = ramp
    sandbox.listeners += [sandbox.outbox.hear, bank.hears, ramp.hears]
    for realm, each in books.items():
        each.hears = partial(sandbox.hear, realm)
    for line in lines[1:]:
        sandbox.replay(line)
    return sandbox


def _forget(firm: Firm, realm: str, bill: str) -> None:
    """Whoever carries a client's trade on pays no bill by check that another vendor is paying."""
    for client in firm.clients:
        company = getattr(client, "company", None)
        if client.books.realm_id == realm and company is not None:
            company.bills.pop(bill, None)


def _spoken(made: dict[str, Any]) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in made.items() if key != "kind")


def _carry_out(books: Books, command: Write) -> dict[str, Any]:
    if command.operation == "create":
        return books.create(
            command.entity, command.body, at=command.at, refuse_duplicate_number=command.refuse_duplicate
        )
    if command.operation == "update":
        return books.update(command.entity, command.body, at=command.at, sparse=command.sparse)
    if command.operation == "merge":
        return books.merge(command.entity, command.body, at=command.at)
    target: Any = command.body if "SyncToken" in command.body else str(command.body.get("Id", ""))
    if command.operation == "delete":
        return books.delete(command.entity, target, at=command.at)
    return books.void(command.entity, target, at=command.at)
