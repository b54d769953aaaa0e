"""One seed's run: a company in the sandbox, a house over a fresh database, and trouble between them."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from interlock.app.connecting import connect_qbo
from interlock.app.house import House
from interlock.app.notices import NotGenuine, take_notices
from interlock.app.settings import read_settings
from interlock.domains.ap.models import Bill
from interlock.domains.firm.models import Business
from interlock.infra import translog
from interlock.infra.crypto import Vault
from interlock.infra.db import open_database
from interlock.infra.governor import Governor
from interlock.infra.transport import Request
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import inbox, schedule
from interlock.rails.errors import RailError, Unauthorised
from interlock.rails.ports import ProofReport
from interlock_sandbox.direct import Cut, Direct
from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from interlock_sandbox.webhooks.outbox import Distortions, Endpoint
from interlock_sandbox.world import build_large
from tests.simulation.bookkeepers import Bookkeepers
from tests.simulation.stage import BEGINNING, FarClock, Killed, StageClock, StageLoop, StageWire
from tests.support.mirror import differences, read_mirror
from tests.support.world import world_of

ROWS = 420
FAR = "http://127.0.0.1:1"
WEBHOOK_TOKEN = "a verifier token of the simulation"


class Theatre:
    """Everything of one run. Acts are methods; ``settle`` ends all trouble and says what is still different."""

    def __init__(self, seed: int, folder: Path, template: Path) -> None:
        self.chance = random.Random(seed)
        self.loop = StageLoop()
        self.sandbox = _sandbox(seed, folder / "far", self.loop)
        self.realm_id = next(iter(self.sandbox.companies))
        self.people = Bookkeepers(self.sandbox, self.realm_id, self.chance)
        shape: Any = "classic" if seed % 3 == 0 else "cloudevents"
        self.sandbox.register_webhook(Endpoint(f"{FAR}/webhooks/qbo", WEBHOOK_TOKEN, shape))
        self.direct = Direct(self.sandbox)
        self.wire = StageWire(self.loop, self._answer, random.Random(seed + 1))
        self.house = _house(self.sandbox, self.wire, StageClock(self.loop), folder, template)
        self.business, self.scope = self._connect()
        self.troubles: dict[str, int] = {}

    # --- acts -----------------------------------------------------------------------------------------------------

    def sync(self, *, full: bool = False) -> bool:
        """A sync; ``False`` when trouble ended it. A refused grant is brought anew, as a person would."""
        try:
            self.house.sync_of(self.business).sync(full=full)
        except Unauthorised as refused:
            self._met(refused)
            self._connect()
            return False
        except RailError as trouble:
            self._met(trouble)
            return False
        except Killed as end:
            self._met(end)
            return False
        return True

    def when_due(self) -> bool:
        """What a worker's tick would do: sync if the timetable or a notice says so."""
        with self.house.database.reading(SystemScope("the simulation's tick")) as session:
            due = schedule.due(session, self.house.clock.now(), 1)
        return self.sync() if due else True

    def deliver(self, *, most: int = 20) -> None:
        """Hand over what Intuit has to tell, as it comes: maybe doubled, out of order, badly signed, or not at all."""
        for _ in range(most):
            delivery = self.sandbox.outbox.take(self.sandbox.clock.served(), early=True)
            if delivery is None:
                return
            try:
                take_notices(self.house, "qbo", delivery.body, delivery.headers)
            except NotGenuine as refused:
                self._met(refused)
                self.sandbox.delivered(delivery, 401)
            else:
                self.sandbox.delivered(delivery, 200)

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = self.loop.run_until_complete(self.direct.answer(method, f"{FAR}/control/{path}", headers, sent))
        assert not isinstance(answer, Cut), f"the control API never cuts a line: {path}"
        status, _, said = answer
        assert status == 200, f"{method} {path} answered {status}: {said!r}"
        return json.loads(said)

    def wait(self, seconds: float) -> None:
        self.loop.seconds += seconds

    # --- judgement ------------------------------------------------------------------------------------------------

    def off(self) -> list[str]:
        """What the mirror has otherwise than the world; empty when they are equal."""
        books = self.sandbox.companies[self.realm_id]

        def rows(entity: str) -> list[Any]:
            return [
                json.loads(books.raw(record), parse_float=Decimal, parse_int=Decimal)
                for record in books.records(entity).values()
            ]

        return differences(world_of(rows), read_mirror(self.house.database, self.scope))

    def settle(self) -> ProofReport:
        """All trouble ends; a sync and the nightly proof later nothing may differ.

        The proof is what finds a change that QuickBooks told nobody of, and reads again what was left out as unreadable.
        """
        self.calm()
        self.wait(120)
        self.deliver(most=200)
        for _ in range(6):
            if self.sync():
                break
            self.wait(600)
        assert self.sync(), "without trouble a sync ends well"
        return self.house.sync_of(self.business).prove()

    def waiting_notices(self) -> int:
        with self.house.database.reading(self.scope) as session:
            return len(list(inbox.unhandled(session, self.scope, "qbo")))

    def calm(self) -> None:
        self.wire.meanwhile = None
        self.wire.distort = None
        self.wire.kill_at = None
        self.sandbox.outbox.distortions = Distortions()
        self.control("DELETE", "faults")
        for books in self.sandbox.companies:
            self.control("DELETE", f"companies/{books}/poison")

    def log_breaks(self) -> list[Any]:
        with self.house.database.reading(self.scope) as session:
            return translog.verify(translog.lines(session, self.business.business_id))[1]

    def doubled(self) -> int:
        """Bills that stand more than once under one id and business."""
        with self.house.database.reading(self.scope) as session:
            groups = select(func.count()).select_from(Bill).group_by(Bill.business_id, Bill.id).having(func.count() > 1)
            return len(session.execute(groups).all())

    # --- wiring ---------------------------------------------------------------------------------------------------

    def _connect(self) -> tuple[Business, Scope]:
        event = self.sandbox.grants.consent(self.realm_id, self.sandbox.clock.now())
        self.sandbox.record(event)
        for _ in range(8):
            try:
                business = connect_qbo(
                    self.house,
                    name="Simulated Books",
                    realm_id=self.realm_id,
                    refresh_token=event["refresh"],
                    actor="the simulation",
                )
            except (RailError, Killed) as trouble:
                self._met(trouble)
                self.calm()
                event = self.sandbox.grants.consent(self.realm_id, self.sandbox.clock.now())
                self.sandbox.record(event)
                continue
            return business, Scope(business.firm_id, business.business_id)
        raise AssertionError("without trouble connecting ends well")

    async def _answer(self, request: Request) -> tuple[int, dict[str, str], bytes] | None:
        from yarl import URL

        address = URL(request.url).with_query(request.query) if request.query else URL(request.url)
        answer = await self.direct.answer(request.method, str(address), dict(request.headers), request.body or b"")
        return None if isinstance(answer, Cut) else answer

    def _met(self, trouble: BaseException) -> None:
        name = type(trouble).__name__
        self.troubles[name] = self.troubles.get(name, 0) + 1

    def close(self) -> None:
        self.loop.run_until_complete(self.house.pacer_of(self.realm_id).close())
        self.loop.run_until_complete(self.direct.close())
        self.house.governor.close()
        self.house.database.close()
        self.sandbox.journal.close()
        self.loop.close()


@contextmanager
def staged(seed: int, folder: Path, template: Path) -> Iterator[Theatre]:
    theatre = Theatre(seed, folder, template)
    try:
        yield theatre
    finally:
        theatre.close()


def _sandbox(seed: int, folder: Path, loop: StageLoop) -> Sandbox:
    as_of = date(2026, 11, 24)
    build: Callable[[World], Any] = lambda world: build_large(world.seed, world.as_of, ROWS)  # noqa: E731
    sandbox = open_sandbox(World(seed, 1, as_of, ROWS), folder, build)
    sandbox.clock = FarClock(loop)
    for books in sandbox.companies.values():
        assert books.latest < BEGINNING, "the simulation begins after the books' last entry"
    return sandbox


def _house(sandbox: Sandbox, wire: StageWire, clock: StageClock, folder: Path, template: Path) -> House:
    file = folder / "interlock.db"
    shutil.copy(template, file)
    settings = read_settings(
        {
            "INTERLOCK_DATABASE_URL": f"sqlite:///{file}",
            "INTERLOCK_SECRET_KEY": template.with_suffix(".key").read_text().strip(),
            "INTERLOCK_QBO_API_URL": FAR,
            "INTERLOCK_QBO_TOKEN_URL": f"{FAR}/oauth2/v1/tokens/bearer",
            "INTERLOCK_QBO_WEBHOOK_TOKEN": WEBHOOK_TOKEN,
            "INTERLOCK_QBO_CLIENT_ID": sandbox.client_id,
            "INTERLOCK_QBO_CLIENT_SECRET": sandbox.client_secret,
        }
    )
    assert settings.secret_key is not None
    house = House(settings, open_database(settings.database_url), Vault.from_text(settings.secret_key), clock, wire)
    house.governor.close()
    house.governor = Governor(house.database, wall=lambda: clock.now().timestamp())
    return house
