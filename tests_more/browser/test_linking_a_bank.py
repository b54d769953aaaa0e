"""A client's bank is linked in a real browser, through the sandbox's consent page and back; checked, lost, re-linked, ended."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from interlock.app.house import House
from interlock.app.local_token import local_token
from interlock.app.plaid import plaid_sync
from interlock.app.web import create_app
from interlock.domains.firm.models import Business
from interlock.infra.db import open_database
from interlock.infra.db.migrate import upgrade
from tests.rails.plaid.at_the_bank import with_plaid
from tests.support.house import house_over, take_on
from tests.support.sandbox import Sandbox
from tests.web.serving import Served, served
from tests_more.browser.test_everybody_can_read_it import violations
from tests_more.browser.watching import Theme, Watched

_WIDE = 1440


@dataclass(frozen=True)
class BankedFirm(Served):
    """A served installation with one client, whose banks at the sandbox are ``logins``."""

    sandbox: Sandbox
    house: House
    business: Business
    logins: list[dict[str, Any]]

    @property
    def banks(self) -> str:
        return f"/b/{self.business.slug}/banks"

    def watched(self, chromium: Browser, width: int = _WIDE, theme: Theme = "light") -> Watched:
        return Watched(chromium, self.url, width=width, theme=theme, also=(self.sandbox.url,))

    def read(self) -> None:
        plaid_sync(self.house, self.business).sync()


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[BankedFirm]:
    database = open_database(f"sqlite:///{tmp_path / 'interlock.db'}")
    upgrade(database)
    with Sandbox.started(tmp_path / "world", clients=1) as sandbox:
        house = with_plaid(house_over(database, sandbox, tmp_path), sandbox)
        business, _ = take_on(house, sandbox.clients()[0])
        logins = sandbox.control("GET", "rails")["clients"][0]["plaid"]["logins"]
        with served(create_app(house), local_token(house.settings.key_file)) as at:
            yield BankedFirm(at.port, at.token, sandbox, house, business, logins)
        house.close()


def agree(page: Page, login: dict[str, Any] | None) -> None:
    """At the bank: choose the login (unless the page knows it), share every account, and wait to be back."""
    if login is not None:
        page.locator(f'input[value="{login["login"]}"]').check()
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Agree").click()
    else:
        page.get_by_role("button", name="Sign in again").click()
    expect(page).to_have_url(re.compile(r"/b/[^/]+/banks$"))


def test_a_bank_is_linked_checked_lost_linked_again_and_unlinked(chromium: Browser, firm: BankedFirm) -> None:
    bank, (login, *_) = firm.logins[0]["institution"], firm.logins
    with firm.watched(chromium) as page:
        page.goto(firm.banks)
        expect(page.locator(".say").first).to_contain_text("No bank is linked.")
        page.get_by_role("button", name="Link a bank").click()
        agree(page, login)
        expect(page.locator("h2.h").first).to_have_text(bank)
        expect(page.get_by_text(f"{bank} is linked; it is being read.")).to_be_visible()

        firm.read()
        page.reload()
        expect(page.locator("tbody tr").first).to_contain_text(login["accounts"][0]["mask"])
        page.locator("summary", has_text="Check an account").first.click()
        page.get_by_role("button", name="Ask the bank", exact=True).click()
        expect(page.locator("tbody tr").first).to_contain_text("The account exists and takes payments")

        (item,) = firm.sandbox.control("GET", "plaid")["items"]
        firm.sandbox.control("POST", f"plaid/items/{item['item_id']}/trouble", {})
        with pytest.raises(Exception, match="ITEM_LOGIN_REQUIRED"):
            firm.read()
        page.goto(firm.banks)
        expect(page.locator(".say").first).to_contain_text(f"{bank} must be logged in to again.")
        page.get_by_role("button", name=f"Re-link {bank}").click()
        agree(page, None)
        expect(page.locator(".say").first).to_contain_text("Interlock reads balances and lines there")

        page.locator("summary", has_text="Unlink").click()
        page.get_by_role("button", name=f"Unlink {bank}").click()
        expect(page.locator(".say").first).to_contain_text("No bank is linked.")


def test_who_leaves_the_banks_page_is_told_that_nothing_happened(chromium: Browser, firm: BankedFirm) -> None:
    with firm.watched(chromium) as page:
        page.goto(firm.banks)
        page.get_by_role("button", name="Link a bank").click()
        page.get_by_role("button", name="Leave").click()
        expect(page).to_have_url(re.compile(r"/b/[^/]+/banks$"))
        expect(page.locator("tbody tr").first).to_contain_text("Left without linking")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
def test_the_page_can_be_read_by_everybody(chromium: Browser, firm: BankedFirm, theme: Theme, width: int) -> None:
    with firm.watched(chromium, width, theme) as page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(firm.banks)
        _readable(page)
        page.get_by_role("button", name="Link a bank").click()
        agree(page, firm.logins[0])
        firm.read()
        page.reload()
        page.locator("summary", has_text="Check an account").first.click()
        _readable(page)


def _readable(page: Page) -> None:
    assert violations(page) == [], "axe names what somebody can't read; mend the template"
    too_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not too_wide, "the page is wider than its window: let the table's columns fold"
