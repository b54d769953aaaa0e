"""A client's Ramp in the sandbox, driven without a socket: its API as an app sees it, and the control API beside it."""

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from interlock_sandbox.books import Books
from interlock_sandbox.direct import Cut, Direct
from interlock_sandbox.ramp.model import Business
from interlock_sandbox.ramp.party import Ramp
from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from interlock_sandbox.world import advance
from interlock_sandbox.world import build as build_world

AS_OF = date(2026, 11, 24)
API = "/ramp/developer/v1"
SCOPES = "bills:read bills:write vendors:read vendors:write entities:read bank_accounts:read business:read"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class RampDesk:
    """One business (by its place among the firm's clients), and whoever works at Ramp's own screens."""

    sandbox: Sandbox
    direct: Direct
    loop: asyncio.AbstractEventLoop
    place: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def ramp(self) -> Ramp:
        found = self.sandbox.parties["ramp"]
        assert isinstance(found, Ramp)
        return found

    @property
    def realm(self) -> str:
        return list(self.sandbox.companies)[self.place]

    @property
    def business(self) -> Business:
        return self.ramp.businesses[self.realm]

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        answer = self.loop.run_until_complete(self.direct.answer(method, path, headers, body))
        assert not isinstance(answer, Cut), f"{method} {path} was cut off"
        status, said, raw = answer
        return Answer(status, said, json.loads(raw) if raw else None)

    def mint(self, scope: str = SCOPES, secret: str | None = None, **form: str) -> Answer:
        """A token as an app asks for one."""
        who = f"{self.business.client_id}:{secret or self.business.client_secret}".encode()
        sent = urlencode({"grant_type": "client_credentials", "scope": scope, **form}).encode()
        headers = {**FORM, "Authorization": f"Basic {base64.b64encode(who).decode()}"}
        return self.send("POST", f"{API}/token", headers, sent)

    def token(self, scope: str = SCOPES) -> str:
        if scope not in self.tokens:
            self.tokens[scope] = self.mint(scope).body["access_token"]
        return self.tokens[scope]

    def ask(self, method: str, path: str, body: Any = None, *, scope: str = SCOPES, token: str = "") -> Answer:
        """A call of the API; ``path`` is below the version, or a whole address such as ``page.next``."""
        headers = {"Authorization": f"Bearer {token or self.token(scope)}", "Content-Type": "application/json"}
        whole = path if path.startswith("http") else API + path
        return self.send(method, whole, headers, None if body is None else json.dumps(body).encode())

    def control(self, method: str, path: str, body: Any = None) -> Answer:
        return self.send(method, f"/control{path}", None, json.dumps(body or {}).encode())

    def at_ramp(self, bill_id: str, act: str, **more: Any) -> Answer:
        """What a person does to a bill at Ramp's own screen."""
        return self.control("POST", f"/ramp/{self.realm}/bills/{bill_id}/{act}", more)

    def passes(self, *, live: bool = False, **span: float) -> None:
        """Time goes by: ``days`` or ``seconds``."""
        assert self.control("POST", "/clock/advance", {**span, "live": live}).status == 200

    def settings(self, **more: Any) -> None:
        answer = self.control("POST", f"/ramp/{self.realm}/settings", more)
        assert answer.status == 200, answer.body

    def wanted(self, **more: Any) -> dict[str, Any]:
        """A bill of 12.34 by ACH to the first vendor that can be paid so and is linked to the books."""
        vendor = next(
            each for each in self.business.vendors.values()
            if each.accounting_remote_id and each.accounts and each.accounts[0].payment_method == "ACH"
        )  # fmt: skip
        source = next(each for each in self.business.sources if each.pays_bills)
        return {
            "vendor_id": vendor.id, "entity_id": self.business.entity_id, "invoice_number": "INV-9",
            "invoice_currency": "USD", "issued_at": "2026-11-20", "due_at": "2026-12-20",
            "line_items": [{"amount": "12.34", "memo": "Proofs"}],
            "payment_details": {
                "source_bank_account_id": source.id, "vendor_account_id": vendor.accounts[0].id,
                "payment_arrival_date": "2026-12-04",
            },
            **more,
        }  # fmt: skip

    def bill(self, **more: Any) -> dict[str, Any]:
        """One that was just created by the API."""
        answer = self.ask("POST", "/bills", self.wanted(**more))
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.body
        return made

    def look(self, bill_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"/bills/{bill_id}").body
        return found

    def lines(self, reference: str) -> list[dict[str, Any]]:
        """What the bank shows of a payment."""
        shown = self.control("GET", f"/bank/{self.realm}/lines").body["lines"]
        return [line for line in shown if line["reference"] == reference]

    def papers(self, entity: str, **having: Any) -> list[dict[str, Any]]:
        """Documents in the client's books."""
        rows = self.sandbox.companies[self.realm].rows(entity)
        return [row for row in rows if all(row.get(name) == value for name, value in having.items())]


@dataclass
class Shop:
    """A client company as the sandbox wants it."""

    name: str
    slug: str
    books: Books
    character: str = "small"
    planted: list[Any] = field(default_factory=list)


@dataclass
class Firm:
    name: str
    clients: list[Any]


def shop(place: int) -> Shop:
    """Twelve vendors and forty bills of the last weeks; the first twelve were paid by a check each."""
    name = f"Quillmoor Paper {place}"
    books = Books(str(9341450000001000 + place), name)
    morning = datetime(2026, 10, 1, 17, tzinfo=UTC)
    books.create("Account", {"Name": "Checking", "AccountType": "Bank", "AccountSubType": "Checking"}, at=morning)
    books.create("Account", {"Name": "Supplies", "AccountType": "Expense"}, at=morning)
    address = {"Line1": "1 Mill Lane", "City": "Fernport", "CountrySubDivisionCode": "NY", "PostalCode": "10999"}
    for number in range(1, 13):
        books.create("Vendor", {"DisplayName": f"Ferrow Glass Works {number}", "BillAddr": address}, at=morning)
    for number in range(40):
        _bill(books, number)
    return Shop(name, f"quillmoor-{place}", books)


def _bill(books: Books, number: int) -> None:
    dated = AS_OF - timedelta(days=45 - number)
    at = datetime(dated.year, dated.month, dated.day, 17, tzinfo=UTC)
    amount = Decimal(10_000 + 137 * number).scaleb(-2)
    vendor = {"value": str(1 + number % 12)}
    detail = {"AccountRef": {"value": "2"}}
    line = {"Amount": amount, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": detail}
    made = books.create(
        "Bill",
        {
            "VendorRef": vendor,
            "TxnDate": dated.isoformat(),
            "DocNumber": f"FGW-{1000 + number}",
            "Line": [line],
            "DueDate": (dated + timedelta(days=25)).isoformat(),
        },
        at=at,
    )
    if number < 12:
        link = {"Amount": amount, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Bill"}]}
        paid = {
            "VendorRef": vendor, "TxnDate": (dated + timedelta(days=20)).isoformat(), "TotalAmt": amount,
            "PayType": "Check", "DocNumber": str(2001 + number), "Line": [link],
            "CheckPayment": {"BankAccountRef": {"value": "1"}},
        }  # fmt: skip
        books.create("BillPayment", paid, at=at + timedelta(days=20))


def small_firm(world: World) -> Firm:
    return Firm("Test & Ledger", [shop(place) for place in range(world.clients)])


def simulated_firm(world: World) -> Any:
    """The economy's own clients, as everybody else meets them."""
    return build_world(seed=world.seed, clients=world.clients, as_of=world.as_of)


@contextmanager
def ramp_desk(folder: Path, *, clients: int = 1, place: int = 0, simulated: bool = False) -> Iterator[RampDesk]:
    """Small shops, or the simulated economy's first clients, in a folder that may hold their journal already."""
    build, lives = (simulated_firm, advance) if simulated else (small_firm, None)
    sandbox = open_sandbox(World(7, clients, AS_OF), folder, build, lives)
    loop = asyncio.new_event_loop()
    desk = RampDesk(sandbox, Direct(sandbox), loop, place)
    try:
        yield desk
    finally:
        loop.run_until_complete(desk.direct.close())
        loop.close()
        sandbox.journal.close()
