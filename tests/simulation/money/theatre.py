"""One seed's run of the money loop: four companies at the sandbox, one house, and time that only moves when it is told to."""

import json
import logging
import random
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from yarl import URL

import interlock.kernel.ids as ids
from interlock.app.bank_links import BankLinks
from interlock.app.bank_taking import connect_plaid
from interlock.app.connecting import connect_qbo
from interlock.app.house import House
from interlock.app.paying import payment_work
from interlock.app.plaid import plaid_sync
from interlock.app.ramp import connect_ramp, ramp_sync
from interlock.app.settings import read_settings
from interlock.domains.ap.policy.course import Way
from interlock.domains.firm.models import Business, Firm
from interlock.domains.firm.services.people_service import PeopleService
from interlock.infra.crypto import Vault
from interlock.infra.db import open_database
from interlock.infra.governor import Governor
from interlock.infra.transport import Request
from interlock.kernel.scope import Scope, SystemScope
from interlock.rails import connections
from interlock.rails.errors import RailError
from interlock.runway.desk import Desk
from interlock.runway.identity import identity_service
from interlock_sandbox.direct import Cut, Direct
from interlock_sandbox.ramp.instructing import soonest
from interlock_sandbox.ramp.model import Bill as RampBill
from interlock_sandbox.ramp.party import Ramp
from tests.simulation.money.world import NAMES, money_sandbox
from tests.simulation.stage import Killed, StageClock, StageLoop, StageWire

FAR = "http://127.0.0.1:1"
PUBLIC = "https://interlock.invalid"
VERIFIER = "what QuickBooks signs with"
PEOPLE = (
    ("bo", "Bo Lindqvist", "firm", "bookkeeper"),
    ("wren", "Wren Halloran", "firm", "controller"),
    ("ines", "Ines Aldana", "firm", "advisor"),
    ("mara", "Mara Finch", "client", "client_approver"),
    ("odell", "Odell Marsh", "client", "client_owner"),
)


@dataclass(frozen=True)
class Client:
    """A business here and its company out there."""

    name: str
    way: Way
    realm_id: str
    business: Business

    @property
    def scope(self) -> Scope:
        return Scope(self.business.firm_id, self.business.business_id)

    @property
    def banked(self) -> bool:
        return self.name != "books_alone"

    @property
    def at_ramp(self) -> bool:
        return self.name in {"hand_off", "create"}


class MoneyTheatre:
    """Everything of one run. ``met``: how often each trouble was met, by name; ``journal``: each request and its answer."""

    def __init__(self, seed: int, folder: Path, template: Path, only: Collection[str] = tuple(NAMES)) -> None:
        self.chance = random.Random(seed)
        self.loop = StageLoop()
        self.sandbox = money_sandbox(7, folder / "far", self.loop)
        self.direct = Direct(self.sandbox)
        self.wire = StageWire(self.loop, self._answer, random.Random(seed + 1))
        self.clock = StageClock(self.loop)
        self.house = _house(self, folder, template)
        self.met: Counter[str] = Counter()
        self.journal: list[str] = []
        realms = zip(NAMES, self.sandbox.companies, strict=True)
        self.clients: dict[str, Client] = {}
        for name, realm in ((name, realm) for name, realm in realms if name in only):
            self.clients[name] = self._take_on(name, realm)
        self.work = payment_work(self.house)
        with self.house.database.reading(SystemScope("the simulation's firm")) as session:
            firm_id = session.scalars(select(Firm.firm_id)).one()
        self.desk = Desk(self.house.database, self.clock, self.house.sync_of, firm_id)

    # --- time and the outside world --------------------------------------------------------------------------------

    def wait(self, **span: float) -> None:
        """Let time pass, and what falls due out there happen."""
        self.loop.seconds += timedelta(**span).total_seconds()
        self.sandbox.catch_up()

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What people and a test do out there; a refusal is an error of the test."""
        status, said = self.tried(method, path, body)
        assert status == 200, f"{method} {path} answered {status}: {said!r}"
        return said

    def tried(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = self.loop.run_until_complete(self.direct.answer(method, f"{FAR}/control/{path}", headers, sent))
        assert not isinstance(answer, Cut), f"the control API never cuts a line: {path}"
        status, _, said = answer
        return status, json.loads(said)

    @property
    def ramp(self) -> Ramp:
        found = self.sandbox.parties["ramp"]
        assert isinstance(found, Ramp)
        return found

    def bank_lines(self, client: Client) -> list[Any]:
        """What the bank shows now."""
        bank: Any = self.sandbox.parties["bank"]
        return [line for account in bank.accounts(client.realm_id) for line in bank.lines(account.id, self.clock.now())]

    def soonest(self, business: Any, bill: RampBill) -> dict[str, Any]:
        """What a person at Ramp's screen fills in."""
        return soonest(business, business.vendors[bill.vendor_id], self.clock.now())

    # --- reading -----------------------------------------------------------------------------------------------------

    def sync(self, client: Client, rail: str) -> bool:
        """One reading of one rail, with all that follows it; ``False`` when trouble ended it. What follows must not fail."""
        with self._watched():
            return self._sync(client, rail)

    def _sync(self, client: Client, rail: str) -> bool:
        syncs = {"qbo": self.house.sync_of, "plaid": self._plaid, "ramp": self._ramp}
        try:
            syncs[rail](client.business).sync()
        except (RailError, Killed) as trouble:
            self.met[type(trouble).__name__] += 1
            return False
        return True

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """What follows a sync is tried again when it failed, so that it failed stands in the log alone."""
        watch = _Watch()
        logger = logging.getLogger("interlock.app.house")
        logger.addHandler(watch)
        try:
            yield
        finally:
            logger.removeHandler(watch)
        assert not watch.told, f"what follows a sync failed: {watch.told}"

    def sync_unsettled(self, client: Client, rail: str = "qbo") -> bool:
        """One rail is read, and the process ends before anything follows from it; ``False`` when trouble ended it before."""
        settle, ended = self.house._settle, []

        def end(*_: object) -> None:
            ended.append(rail)
            raise Killed

        setattr(self.house, "_settle", end)  # noqa: B010 - for one reading, and put back
        try:
            self.sync(client, rail)
        finally:
            setattr(self.house, "_settle", settle)  # noqa: B010 - as it was
        return bool(ended)

    def ask_banks(self, client: Client) -> bool:
        """Before a decision: the banks tell their balances of this moment."""
        if not client.banked:
            return True
        try:
            unanswered = BankLinks(self.house).ask_banks(client.business.business_id)
        except (RailError, Killed) as trouble:
            self.met[type(trouble).__name__] += 1
            return False
        return not unanswered

    def _plaid(self, business: Business) -> Any:
        return plaid_sync(self.house, business)

    def _ramp(self, business: Business) -> Any:
        return ramp_sync(self.house, business)

    # --- wiring ------------------------------------------------------------------------------------------------------

    def _take_on(self, name: str, realm_id: str) -> Client:
        event = self.sandbox.grants.consent(realm_id, self.sandbox.clock.now())
        self.sandbox.record(event)
        business = connect_qbo(
            self.house, name=NAMES[name], realm_id=realm_id, refresh_token=event["refresh"], actor="the simulation"
        )
        way: Any = name if name in {"hand_off", "create"} else "outside"
        client = Client(name, way, realm_id, business)
        if client.at_ramp:
            there = self.control("GET", f"ramp/{realm_id}")
            keys = {each: there[each] for each in ("client_id", "client_secret")}
            connect_ramp(self.house, business, actor="the simulation", **keys)
        if client.banked:
            self._link_bank(client)
        self._staff(client)
        for rail in ("qbo", *(["plaid"] if client.banked else []), *(["ramp"] if client.at_ramp else [])):
            assert self.sync(client, rail), f"without trouble {rail} of {name} is read"
        self._identify(client)
        return client

    def _identify(self, client: Client) -> None:
        """A person confirms what is suggested: which account and which vendor is which."""
        for kind in ("account", "funding_account", "vendor"):
            with self.house.database.writing(client.scope) as session:
                service = identity_service(session, client.scope, kind)
                for pair, _, _ in service.suggestions():
                    service.confirm(pair.rail_id, pair.ledger_id, now=self.clock.now(), actor="the simulation")

    def _link_bank(self, client: Client) -> None:
        settings = self.house.settings
        login = next(each for each in self.control("GET", "rails")["clients"] if each["realm_id"] == client.realm_id)
        for each in login["plaid"]["logins"]:
            sent = {
                "client_id": settings.plaid_client_id, "secret": settings.plaid_secret,
                "institution_id": each["institution_id"], "initial_products": ["transactions", "auth", "identity"],
                "options": {"override_username": client.realm_id, "webhook": f"{PUBLIC}/webhooks/plaid"},
            }  # fmt: skip
            answer = self.loop.run_until_complete(
                self.direct.answer(
                    "POST", f"{FAR}/plaid/sandbox/public_token/create", {"Content-Type": "application/json"},
                    json.dumps(sent).encode(),
                )
            )  # fmt: skip
            assert not isinstance(answer, Cut) and answer[0] == 200, f"a bank login of {client.name}: {answer}"
            token = json.loads(answer[2])["public_token"]
            connect_plaid(self.house, client.business, public_token=token, actor="the simulation")

    def _staff(self, client: Client) -> None:
        now = self.clock.now()
        with self.house.database.writing(Scope(client.business.firm_id)) as session:
            people = PeopleService(session, client.business.firm_id)
            for handle, name, side, role in PEOPLE:
                if not self.clients:
                    people.add(handle, name, side=side, email=None, now=now, actor="the simulation")
                people.grant(client.business.business_id, handle, role, now=now, actor="the simulation")
        if client.name == "create":
            self.control(
                "POST", f"ramp/{client.realm_id}/settings", {"accounting_sync": False, "imports_payments": False}
            )
            with self.house.database.writing(client.scope) as session:
                connections.set_records(session, client.scope, "qbo", True, now, "the simulation")

    async def _answer(self, request: Request) -> tuple[int, dict[str, str], bytes] | None:
        address = URL(request.url).with_query(request.query) if request.query else URL(request.url)
        answer = await self.direct.answer(request.method, str(address), dict(request.headers), request.body or b"")
        self.journal.append(
            f"{self.loop.seconds:.3f} {request.method} {address.path} {'cut' if isinstance(answer, Cut) else answer[0]}"
        )
        return None if isinstance(answer, Cut) else answer

    def close(self) -> None:
        self.loop.run_until_complete(self.direct.close())
        self.house.governor.close()
        self.house.database.close()
        self.sandbox.journal.close()
        self.loop.close()


@contextmanager
def money_staged(
    seed: int, folder: Path, template: Path, only: Collection[str] = tuple(NAMES)
) -> Iterator[MoneyTheatre]:
    """Ids are the seed's too: what is ordered by them comes in the same order again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "secrets", SeededIds(seed))
        theatre = MoneyTheatre(seed, folder, template, only)
        try:
            yield theatre
        finally:
            theatre.close()


class _Watch(logging.Handler):
    """Keeps what is told as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


class SeededIds:
    """In place of the system's own randomness, where ids are made."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed + 2)

    def randbits(self, bits: int) -> int:
        return self._chance.getrandbits(bits)


def _house(theatre: MoneyTheatre, folder: Path, template: Path) -> House:
    sandbox, file = theatre.sandbox, folder / "interlock.db"
    shutil.copy(template, file)
    plaid = theatre.control("GET", "plaid")
    settings = read_settings(
        {
            "INTERLOCK_DATABASE_URL": f"sqlite:///{file}",
            "INTERLOCK_SECRET_KEY": template.with_suffix(".key").read_text().strip(),
            "INTERLOCK_QBO_API_URL": FAR,
            "INTERLOCK_QBO_TOKEN_URL": f"{FAR}/oauth2/v1/tokens/bearer",
            "INTERLOCK_QBO_CLIENT_ID": sandbox.client_id,
            "INTERLOCK_QBO_CLIENT_SECRET": sandbox.client_secret,
            "INTERLOCK_RAMP_API_URL": f"{FAR}/ramp",
            "INTERLOCK_PLAID_API_URL": f"{FAR}/plaid",
            "INTERLOCK_PLAID_CLIENT_ID": plaid["client_id"],
            "INTERLOCK_PLAID_SECRET": plaid["secret"],
            "INTERLOCK_PUBLIC_URL": PUBLIC,
            "INTERLOCK_QBO_WEBHOOK_TOKEN": VERIFIER,
        }
    )
    assert settings.secret_key is not None
    database = open_database(settings.database_url)
    house = House(settings, database, Vault.from_text(settings.secret_key), theatre.clock, theatre.wire, limited=False)
    house.governor.close()
    house.governor = Governor(house.database, wall=lambda: theatre.clock.now().timestamp())
    return house
