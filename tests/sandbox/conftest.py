"""A tiny company served on a free port, and ways to talk to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import web

from interlock_sandbox.books import Books
from interlock_sandbox.sandbox import Sandbox, World, open_sandbox
from interlock_sandbox.server import make_app

REALM = "9341450000000042"
OTHER_REALM = "9341450000000043"
AS_OF = date(2026, 6, 15)
MORNING = datetime(2026, 6, 1, 17, tzinfo=UTC)

Call = Callable[..., requests.Response]
Query = Callable[[str], dict[str, Any]]
Line = Callable[..., dict[str, Any]]


@dataclass
class TinyClient:
    """A client company as the server wants it."""

    name: str
    slug: str
    character: str
    books: Books
    planted: list[Any] = field(default_factory=list)


@dataclass
class TinyFirm:
    """Two companies, one of them empty."""

    name: str
    clients: list[Any]


def tiny_books() -> Books:
    """A paper shop: accounts, two vendors, a customer with a job, an item, a term."""
    books = Books(REALM, "Quillmoor Paper")
    for name, kind in (
        ("Checking", "Bank"), ("Card", "Credit Card"), ("Rent", "Expense"), ("Sales", "Income"),
        ("Opening Balance Equity", "Equity"),
    ):  # fmt: skip
        books.create("Account", {"Name": name, "AccountType": kind}, at=MORNING)
    books.create("Vendor", {"DisplayName": "Amy's Ink"}, at=MORNING)
    books.create("Vendor", {"DisplayName": "Brindle Freight"}, at=MORNING)
    parent = books.create("Customer", {"DisplayName": "Corvane Schools"}, at=MORNING)
    books.create("Customer", {"DisplayName": "Library", "ParentRef": {"value": parent["Id"]}}, at=MORNING)
    books.create("Term", {"Name": "Net 30", "DueDays": 30}, at=MORNING)
    sales = {"value": "4"}
    books.create("Item", {"Name": "Paper", "IncomeAccountRef": sales, "UnitPrice": Decimal("2.50")}, at=MORNING)
    return books


@pytest.fixture
def books() -> Books:
    """Fresh books: accounts 1 Checking, 2 Card, 3 Rent, 4 Sales, 5 equity; vendors 1, 2; customers 3 with job 4."""
    return tiny_books()


@pytest.fixture
def at() -> datetime:
    """The morning of 1 June 2026, when the tiny company was set up."""
    return MORNING


@pytest.fixture
def rent_line() -> Line:
    """A bill line on the Rent account."""

    def line(amount: str, account: str = "3") -> dict[str, Any]:
        return {
            "Amount": Decimal(amount),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}},
        }

    return line


@pytest.fixture
def paper_line() -> Line:
    """An invoice line for paper."""

    def line(amount: str) -> dict[str, Any]:
        return {
            "Amount": Decimal(amount),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
        }

    return line


def tiny_firm(world: World) -> TinyFirm:
    del world
    shop = TinyClient("Quillmoor Paper", "quillmoor-paper", "tidy", tiny_books())
    empty = TinyClient("Vexley Lamps", "vexley-lamps", "new", Books(OTHER_REALM, "Vexley Lamps"))
    return TinyFirm("Test & Ledger", [shop, empty])


@pytest.fixture
def build() -> Callable[[World], TinyFirm]:
    """How the tiny world is built, for opening its folder again."""
    return tiny_firm


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    opened = open_sandbox(World(1, 2, AS_OF), tmp_path / "data", tiny_firm)
    yield opened
    opened.journal.close()


@pytest.fixture
def options() -> dict[str, Any]:
    """Server options; a test module overrides this fixture to change them."""
    return {}


@pytest.fixture
def url(sandbox: Sandbox, options: dict[str, Any]) -> Iterator[str]:
    """The server's address; it runs on its own event loop in a thread."""
    loop = asyncio.new_event_loop()
    ready: list[str] = []
    started = threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(make_app(sandbox, **options), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        started.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert started.wait(10), "the sandbox server did not start within 10 s"
    yield ready[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def control(url: str, http: requests.Session) -> Call:
    """``control("POST", "/clock/advance", json=…)``."""

    def call(method: str, path: str, **more: Any) -> requests.Response:
        return http.request(method, f"{url}/control{path}", timeout=10, **more)

    return call


@pytest.fixture
def clients(control: Call) -> dict[str, Any]:
    """What the control API says about the firm, with a fresh grant per client."""
    found: dict[str, Any] = control("GET", "/clients").json()
    return found


@pytest.fixture
def token_call(url: str, http: requests.Session, clients: dict[str, Any]) -> Call:
    """The token endpoint with the app's credentials; keyword arguments are the form."""

    def call(**form: str) -> requests.Response:
        who = (clients["client_id"], clients["client_secret"])
        return http.post(f"{url}/oauth2/v1/tokens/bearer", data=form, auth=who, timeout=10)

    return call


@pytest.fixture
def access_token(token_call: Call, clients: dict[str, Any]) -> str:
    answer = token_call(grant_type="refresh_token", refresh_token=clients["clients"][0]["refresh_token"])
    return str(answer.json()["access_token"])


@pytest.fixture
def api(url: str, http: requests.Session, access_token: str) -> Call:
    """``api("GET", "query", params=…)`` on the tiny company, authorised."""

    def call(method: str, path: str, realm: str = REALM, token: str = access_token, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", **more.pop("headers", {})}
        return http.request(method, f"{url}/v3/company/{realm}/{path}", headers=headers, timeout=10, **more)

    return call


@pytest.fixture
def query(api: Call) -> Query:
    """A query's ``QueryResponse``, or its ``Fault``."""

    def ask(text: str) -> dict[str, Any]:
        body = api("GET", "query", params={"query": text}).json()
        found: dict[str, Any] = body.get("QueryResponse", body.get("Fault"))
        return found

    return ask
