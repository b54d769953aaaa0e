"""Paying in the browser: approved bills are released on the pay run, and each payment's page says what its witnesses say."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests_more.browser.conftest import Firm, act_as
from tests_more.browser.test_everybody_can_read_it import violations
from tests_more.browser.watching import Theme, Watched

_PAGES = ("pay-run", "payments", "payments?stage=to_pay", "payments?stage=approved")


@pytest.fixture(scope="module")
def slug(firm: Firm) -> str:
    """A client with a few payments approved for today, whose undo windows are over, and one of them released."""
    return firm.approved_for_today(3)


@pytest.fixture
def desk(chromium: Browser, firm: Firm) -> Iterator[Page]:
    with Watched(chromium, firm.url, width=1440) as tab:
        act_as(tab, firm, "iris")
        yield tab


def test_a_payment_is_released_tracked_and_taken_back(desk: Page, slug: str) -> None:
    desk.goto(f"/b/{slug}/pay-run")
    expect(desk.locator("main")).to_contain_text("Paid outside: you pay by bank portal, check or QBO Bill Pay")
    ready = desk.locator("#runs .sel input[name=intent]:not(:disabled)")
    before = ready.count()
    ready.first.check()
    expect(desk.locator("#batch .big")).to_contain_text("1 selected")
    chosen = ready.first.get_attribute("value")
    desk.keyboard.press("a")
    expect(desk.locator("#done")).to_contain_text("1 payment released")
    expect(desk.locator(f"#o{chosen}")).to_contain_text("Released")
    expect(desk.locator("#runs .sel input[name=intent]:not(:disabled)")).to_have_count(before - 1)
    desk.locator(f"#o{chosen} a").click()
    expect(desk.locator(".ask")).to_contain_text("been paid?")
    expect(desk.locator(".say")).to_contain_text("Not that anybody can see.")
    expect(desk.locator(".line")).to_contain_text("Released by Iris Fenwick")
    assert desk.locator(".line .ref a").count() >= 2, "each thing that happened names its line in the log"
    desk.get_by_label("What you saw, or why").fill("The vendor was paid by card")
    desk.get_by_role("button", name="Take it back").click()
    expect(desk.locator(".say")).to_contain_text("No. It was taken back before it was under way.")
    expect(desk.locator(".line")).to_contain_text("Iris Fenwick took it back")
    desk.goto(f"/b/{slug}/payments?stage=cancelled")
    expect(desk.locator(f"#p{chosen}")).to_contain_text("The vendor was paid by card")
    expect(desk.locator("tfoot")).to_contain_text("The places sum to it, to the cent.")


def test_a_place_opens_and_closes_in_its_row(desk: Page, slug: str) -> None:
    desk.goto(f"/b/{slug}/payments")
    desk.locator("#sapproved a.row").click()
    expect(desk.locator("#tapproved .opened-rows")).to_be_visible()
    desk.locator("#sapproved a.row").click()
    expect(desk.locator("#tapproved .opened-rows")).to_have_count(0)


def test_nobody_named_releases_nothing(chromium: Browser, firm: Firm, slug: str) -> None:
    with Watched(chromium, firm.url, width=1440) as tab:
        tab.goto(f"/b/{slug}/pay-run")
        expect(tab.locator("#why-release")).to_contain_text("Choose at the top of the page who you are.")
        expect(tab.locator("button[data-key=a]")).to_have_attribute("aria-disabled", "true")


def test_a_release_works_without_scripts(chromium: Browser, firm: Firm, slug: str) -> None:
    with Watched(chromium, firm.url, width=1440, javascript=False) as tab:
        act_as(tab, firm, "iris")
        tab.goto(f"/b/{slug}/pay-run")
        tab.locator("#runs .sel input[name=intent]:not(:disabled)").first.check()
        tab.get_by_role("button", name="Release").click()
        expect(tab.locator("#done")).to_contain_text("1 payment released")
        tab.locator("#done tbody a").first.click()
        expect(tab.locator(".say")).to_contain_text("Not that anybody can see.")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 375])
def test_everybody_can_read_them(chromium: Browser, firm: Firm, slug: str, theme: Theme, width: int) -> None:
    with Watched(chromium, firm.url, width=width, theme=theme) as tab:
        act_as(tab, firm, "iris")
        tab.goto(f"/b/{slug}/payments?stage=approved")
        one = tab.locator("tr[id^=pint_] a.row").first.get_attribute("href")
        assert one is not None
        found, wider = {}, {}
        for path in (*(f"/b/{slug}/{each}" for each in _PAGES), one):
            tab.goto(path)
            if broken := violations(tab):
                found[path] = broken
            over = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                wider[path] = over
        assert not found, f"axe at {width} px, {theme}: {found}"
        assert not wider, f"pixels beyond {width}: {wider}"
