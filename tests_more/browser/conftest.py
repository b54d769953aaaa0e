"""A demo firm behind a real socket, and a real Chromium in front of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright
from sqlalchemy import update

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.domains.ap.decision_models import PaymentIntent
from interlock.domains.firm.models import Business
from interlock.domains.firm.services.people_service import PeopleService
from interlock.domains.firm.services.policy_service import PolicyService
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from interlock.kernel.clock import local_date
from interlock.kernel.scope import Scope
from interlock.runway.desk import Desk
from interlock.runway.services.experiences.deciding import Approving
from interlock.runway.services.experiences.wishes import Ask
from tests.support import beside
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.web.serving import Served, served
from tests_more.browser.watching import Watched

CHROMIUM = Path("/usr/bin/chromium")
_QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
_CLIENTS = 5
_BESIDE = "messy"  # whose pages show every state a rail can be in
_WIDE = 1440
_PATIENCE_MILLISECONDS = 20_000  # on a busy machine a page may take its time; what is wrong stays wrong


@dataclass(frozen=True)
class Firm(Served):
    """A served firm. ``slugs`` are its clients' short names by character; the messy one has most findings.

    ``amend``: change one document in a client's QuickBooks, by its slug, and read the books as a worker does.
    ``approved_for_today``: approve so many bills of a client that has no bank, as if an hour ago; its slug.
    """

    slugs: dict[str, str]
    amend: Callable[[str, str, dict[str, Any]], None]
    approved_for_today: Callable[[int], str]

    @property
    def messy(self) -> str:
        return self.slugs["messy"]

    @property
    def paths(self) -> list[str]:
        """Every page there is, of the messy client."""
        screens = (
            "tray",
            "console",
            "pay-run",
            "payments",
            "digest",
            "bills",
            "invoices",
            "aging",
            "balances",
            "match",
            "identity",
            "log",
            "connection",
            "capabilities",
            "log?verify=true",
            "bills?which=all",
        )
        return [
            "/",
            "/connections",
            "/connect/qbo",
            *(f"/b/{self.messy}/{screen}" for screen in screens),
            "/nothing/here",
        ]


@pytest.fixture(scope="session")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder = tmp_path_factory.mktemp("firm")
    database = open_database(f"sqlite:///{folder / 'interlock.db'}")
    upgrade(database)
    with Sandbox.started(folder / "world", clients=_CLIENTS) as sandbox:
        house = house_over(database, sandbox, folder)
        slugs: dict[str, str] = {}
        books: dict[str, tuple[Business, str]] = {}
        for client in sandbox.clients():
            business, scope = take_on(house, client)
            staff(house, scope)
            house.sync_of(business).sync()
            if client.character == _BESIDE:
                beside.banks(house, scope, "First Platypus Bank", "Tattersall Federal", broken="Tattersall Federal")
                beside.failing(house, scope, "ramp", "Ramp did not answer.")
                beside.refused(house, scope, "stripe", "Stripe refused the key.")
            slugs[client.character] = business.slug
            books[business.slug] = business, client.realm_id

        def amend(slug: str, entity: str, fields: dict[str, Any]) -> None:
            business, realm_id = books[slug]
            sandbox.update(realm_id, entity, fields)
            house.sync_of(business).sync()

        def approved_for_today(count: int) -> str:
            slug = next(slug for character, slug in reversed(slugs.items()) if character != _BESIDE)
            approve_for_today(house, books[slug][0], count)
            return slug

        with served(create_app(house), local_token(house.settings.key_file)) as at:
            yield Firm(at.port, at.token, slugs, amend, approved_for_today)
        house.close()


def staff(house: House, scope: Scope) -> None:
    """Iris owns the client, Wren is the firm's controller."""
    now = house.clock.now()
    with house.database.writing(Scope(scope.firm_id)) as session:
        people = PeopleService(session, scope.firm_id)
        if not people.people():
            people.add("iris", "Iris Fenwick", side="client", email=None, now=now, actor="a test")
            people.add("wren", "Wren Halloran", side="firm", email=None, now=now, actor="a test")
    with house.database.writing(scope) as session:
        people = PeopleService(session, scope.firm_id)
        people.grant(scope.business_id or "", "iris", "client_owner", now=now, actor="a test")
        people.grant(scope.business_id or "", "wren", "controller", now=now, actor="a test")
        policies = PolicyService(session, scope.firm_id)
        if policies.newest(None) is None:  # nobody here has to be quicker than a busy machine
            by = policies.firm_acting("wren")
            policies.write(None, "[approvals]\nundo_seconds = 600\n", reason="Time to undo", by=by, now=now)


def approve_for_today(house: House, business: Business, count: int) -> None:
    """The smallest bills that can be, approved by the client's owner for today; the time to undo that is over."""
    scope = Scope(business.firm_id, business.business_id)
    desk = Desk(house.database, house.clock, house.sync_of, business.firm_id)
    with desk.writing(business.slug) as at:
        console = at.console.get_console_experience(most=500)
        free = [each for each in console.bills if each.selectable and not each.intents and not each.credits]
        asks = [Ask(each.id) for each in sorted(free, key=lambda each: each.wanted_minor)[:count]]
        at.deciding(at.acting("iris")).decide("approve", asks, None, approving=Approving(acknowledge=True))
    now = house.clock.now()
    with house.database.writing(scope) as session:
        mine = update(PaymentIntent).where(PaymentIntent.business_id == business.business_id)
        today = local_date(now, business.time_zone)
        session.execute(mine.values(pay_on=today, undo_until=now - timedelta(hours=1)))


def act_as(page: Page, firm: Firm, handle: str) -> None:
    """As if chosen at the top of a page."""
    page.context.add_cookies([{"name": "interlock_person", "value": handle, "url": firm.url}])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "install Chromium: apt-get install -y --no-install-recommends chromium"
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        except Error as trouble:
            pytest.fail(f"Chromium does not start: {trouble}")
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, firm: Firm) -> Iterator[Page]:
    """A tab on a desk's screen that must say nothing on its console and ask nobody but us."""
    with Watched(chromium, firm.url, width=_WIDE) as tab:
        yield tab
