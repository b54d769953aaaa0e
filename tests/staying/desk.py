"""A realm of the sandbox as the QBO client sees it, with a store for its grant that can be watched or made to fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from interlock.domains.qbo.client import QBOClient
from interlock.domains.qbo.grant import App, Tokens
from interlock.domains.qbo.pacing import Pacer
from interlock.infra.transport import Transport, Usage
from interlock.rails.connections import Grant
from tests.support.sandbox import Sandbox


@dataclass
class Shelf:
    """A store in memory whose every step can be watched, or be made to fail."""

    grant: Grant
    steps: list[str] = field(default_factory=list)
    fails: list[BaseException] = field(default_factory=list)
    trouble: str | None = None

    def load(self) -> Grant:
        return self.grant

    def keep(self, fresh: Grant, was: Grant) -> Grant:
        self.steps.append("keep")
        if self.fails:
            raise self.fails.pop(0)
        if self.grant.refresh_token == was.refresh_token:
            self.grant = fresh
        return self.grant

    def lost(self, sentence: str, was: Grant) -> None:
        if self.grant.refresh_token == was.refresh_token:
            self.trouble = sentence

    @contextmanager
    def refreshing(self) -> Iterator[None]:
        self.steps.append("alone")
        yield
        self.steps.append("done")


@dataclass
class Desk:
    """A realm of the sandbox, a grant for it, and tokens over both. ``shift``: how far our clock is from the world's."""

    sandbox: Sandbox
    app: App
    transport: Transport
    realm_id: str
    shelf: Shelf
    shift: timedelta = timedelta(0)

    def tokens(self) -> Tokens:
        return Tokens(self.app, self.transport, self.shelf, lambda: datetime.now(UTC) + self.shift)

    def access(self, tokens: Tokens, *, refused: str | None = None) -> str:
        return self.transport.run(tokens.access(Usage(), refused=refused))

    def client(
        self, pauses: list[float] | None = None, pacer: Pacer | None = None, patience: float = float("inf")
    ) -> QBOClient:
        """A client that waits for nothing between its tries: ``pauses`` says how long it would have."""

        async def note(seconds: float) -> None:
            if pauses is not None:
                pauses.append(seconds)

        pacer = pacer or Pacer(limited=False)
        return QBOClient(self.realm_id, self.sandbox.url, self.transport, self.tokens(), pacer, note, patience=patience)

    def reads(self, pauses: list[float] | None = None) -> QBOClient:
        client = self.client(pauses)
        self.transport.run(client.company_info())
        return client

    def told(self) -> dict[str, int]:
        found: list[dict[str, int]] = self.sandbox.control("GET", f"grants?realm={self.realm_id}")["grants"]
        return max(found, key=lambda each: each["id"])
