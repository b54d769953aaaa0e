"""Clients are connected in a real browser, through the sandbox's consent page and back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from interlock.app.local_token import local_token
from interlock.app.web import create_app
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox, SandboxClient
from tests.web.serving import Served, served
from tests_more.browser.test_everybody_can_read_it import violations
from tests_more.browser.watching import Theme, Watched

_WIDE = 1440


@dataclass(frozen=True)
class NewFirm(Served):
    """A served installation with one client; ``companies`` are the sandbox's, the first of them taken by that client."""

    sandbox: Sandbox
    companies: list[SandboxClient]

    def watched(
        self, chromium: Browser, width: int = _WIDE, theme: Theme = "light", *, javascript: bool = True
    ) -> Watched:
        return Watched(chromium, self.url, width=width, theme=theme, javascript=javascript, also=(self.sandbox.url,))


@pytest.fixture(scope="module")
def intuit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox as Intuit; connecting changes no books, so these tests share it."""
    with Sandbox.started(tmp_path_factory.mktemp("world"), clients=4) as sandbox:
        yield sandbox


@pytest.fixture
def new_firm(tmp_path: Path, intuit: Sandbox) -> Iterator[NewFirm]:
    database = open_database(f"sqlite:///{tmp_path / 'interlock.db'}")
    upgrade(database)
    house = house_over(database, intuit, tmp_path)
    companies = intuit.clients()
    take_on(house, companies[0])
    with served(create_app(house), local_token(house.settings.key_file)) as at:
        yield NewFirm(at.port, at.token, intuit, companies)
    house.close()


def at_intuit(page: Page, company: SandboxClient | None) -> None:
    """On the consent page: choose a company and connect, or cancel; then wait to be back on our list."""
    expect(page.locator("h1")).to_contain_text("Connect a company to the app")
    expect(page.locator("code")).to_have_text(["com.intuit.quickbooks.accounting"])
    if company is None:
        page.get_by_role("button", name="Cancel").click()
    else:
        page.get_by_label(re.compile(re.escape(company.realm_id))).check()
        page.get_by_role("button", name="Connect").click()
    expect(page).to_have_url(re.compile(r"/connect/qbo/round_"))


def test_three_in_a_row_one_denied_and_one_company_already_taken(chromium: Browser, new_firm: NewFirm) -> None:
    taken, first, second, third = new_firm.companies
    with new_firm.watched(chromium) as page:
        page.goto("/")
        page.get_by_role("link", name="Connections", exact=True).click()
        page.get_by_role("link", name="Connect clients").click()
        page.get_by_label("Clients, one a line").fill(f"{first.name}\n{second.name}\n{third.name}")
        page.get_by_role("button", name="Go to Intuit").click()
        expect(page.locator(".say")).to_have_text("0 of 3 clients connected. 3 are left.")
        rows = page.locator("tbody tr")
        page.locator(".btn.go").click()
        at_intuit(page, first)
        expect(rows.nth(0)).to_contain_text("Connected")
        page.locator(".btn.go").click()
        at_intuit(page, None)
        expect(rows.nth(1)).to_contain_text("Not allowed")
        page.locator(".btn.go").click()  # the next is the one that waits, not the one that said no
        at_intuit(page, taken)
        expect(rows.nth(2)).to_contain_text(f"is the books of your client {taken.name} already")
        page.reload()
        expect(page.locator(".say")).to_have_text("1 of 3 clients connected. 2 are left.")
        rows.nth(1).get_by_role("button", name="Try again").click()
        at_intuit(page, second)
        rows.nth(2).get_by_role("button", name="Try again").click()
        at_intuit(page, third)
        expect(page.locator(".say")).to_have_text("3 of 3 clients connected. None is left.")
        page.get_by_role("link", name="All connections").click()
        expect(page.locator("tbody tr")).to_have_count(4)


def test_back_and_reload_on_the_way_show_what_came_of_it(chromium: Browser, new_firm: NewFirm) -> None:
    company = new_firm.companies[1]
    with new_firm.watched(chromium) as page:
        page.goto("/connect/qbo")
        page.get_by_role("button", name="Go to Intuit").click()
        at_intuit(page, company)
        expect(page.locator(".say")).to_contain_text(f"{company.name} is connected.")
        page.reload()
        expect(page.locator(".say")).to_contain_text(f"{company.name} is connected.")
        page.goto(f"/connect/qbo?name={company.name}")
        page.get_by_role("button", name="Go to Intuit").click()
        expect(page.locator("h1")).to_contain_text("Connect a company to the app")
        page.go_back()
        page.wait_for_load_state()
        page.goto("/connections")
        expect(page.locator("h1")).to_have_text("Which connection needs a person?")


def test_a_form_opened_before_the_trip_to_intuit_still_counts_after_it(chromium: Browser, new_firm: NewFirm) -> None:
    taken, company = new_firm.companies[:2]
    with new_firm.watched(chromium) as page:
        page.goto("/connections")
        page.locator("tbody a.row", has_text=taken.name).click()
        expect(page.locator("h1")).to_contain_text("connected to?")
        beside = page.context.new_page()
        beside.goto("/connect/qbo")
        beside.get_by_role("button", name="Go to Intuit").click()
        at_intuit(beside, company)
        page.locator("summary", has_text="Disconnect").click()
        page.get_by_role("button", name=f"Disconnect {taken.name}").click()
        expect(page.locator(".say")).to_contain_text("Disconnected on")


def test_a_disconnected_client_says_so_and_is_connected_again_from_any_of_its_pages(
    chromium: Browser, new_firm: NewFirm
) -> None:
    taken = new_firm.companies[0]
    with new_firm.watched(chromium) as page:
        page.goto("/connections")
        page.locator("tbody a.row").first.click()
        page.locator("summary", has_text="Disconnect").click()
        page.get_by_role("button", name=f"Disconnect {taken.name}").click()
        page.get_by_role("link", name="Aging").click()
        expect(page.locator(".verdict")).to_contain_text("Disconnected on")
        page.get_by_role("button", name=re.compile("^Connect again")).click()
        at_intuit(page, taken)
        expect(page.locator(".say")).to_contain_text("is connected again")
        page.goto("/connections")
        expect(page.locator(".say")).to_contain_text("None needs a person.")


def test_a_company_of_another_name_is_asked_about(chromium: Browser, new_firm: NewFirm) -> None:
    company = new_firm.companies[1]
    with new_firm.watched(chromium) as page:
        page.goto("/connect/qbo")
        page.get_by_label("Clients, one a line").fill("Somebody Quite Different")
        page.get_by_role("button", name="Go to Intuit").click()
        at_intuit(page, company)
        expect(page.locator("tbody")).to_contain_text("Which company?")
        assert violations(page) == []
        page.get_by_role("button", name=f"Connect as {company.name}").click()
        expect(page.locator(".say")).to_contain_text(f"{company.name} is connected")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 375, 320])
def test_the_pages_on_the_way_can_be_read_by_everybody(
    chromium: Browser, new_firm: NewFirm, theme: Theme, width: int
) -> None:
    first, second = new_firm.companies[1:3]
    with new_firm.watched(chromium, width, theme) as page:
        page.emulate_media(reduced_motion="reduce")  # axe reads a row's colour as it is, also in the middle of its wash
        page.goto("/connect/qbo")
        page.get_by_label("Clients, one a line").fill(f"{first.name}\n{second.name}")
        _readable(page)
        page.get_by_role("button", name="Go to Intuit").click()
        expect(page.locator(".say")).to_contain_text("0 of 2")
        _readable(page)
        page.locator(".btn.go").click()
        at_intuit(page, new_firm.companies[0])
        _readable(page)
        page.goto("/connections")
        _readable(page)
        page.locator("tbody a.row").first.click()
        _readable(page)


def test_before_the_first_client_the_first_page_leads_to_connecting_one(
    chromium: Browser, intuit: Sandbox, tmp_path: Path
) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'interlock.db'}")
    upgrade(database)
    house = house_over(database, intuit, tmp_path)
    company = intuit.clients()[0]
    with (
        served(create_app(house), local_token(house.settings.key_file)) as at,
        Watched(chromium, at.url, width=_WIDE, also=(intuit.url,)) as page,
    ):
        page.goto("/")
        _readable(page)
        box = page.locator("h1").bounding_box()
        assert box and box["width"] > _WIDE / 2, "a page without a frame uses the whole width"
        page.get_by_role("link", name="Connect the first client").click()
        _readable(page)
        page.get_by_label("Your firm’s name").fill("Wren & Lark Accounting")
        page.get_by_role("button", name="Go to Intuit").click()
        at_intuit(page, company)
        expect(page.locator(".say")).to_contain_text(f"{company.name} is connected.")
        expect(page.locator(".who")).to_have_text("Wren & Lark Accounting")
    house.close()


def test_connecting_works_without_scripts(chromium: Browser, new_firm: NewFirm) -> None:
    company = new_firm.companies[1]
    with new_firm.watched(chromium, javascript=False) as page:
        page.goto("/connect/qbo")
        page.get_by_label("Clients, one a line").fill(company.name)
        page.get_by_role("button", name="Go to Intuit").click()
        at_intuit(page, company)
        expect(page.locator(".say")).to_contain_text(f"{company.name} is connected.")


def _readable(page: Page) -> None:
    assert violations(page) == [], f"axe on {page.url}"
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} scrolls {over} pixels sideways"
