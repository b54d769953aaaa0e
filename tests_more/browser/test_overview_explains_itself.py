"""The overview in a real browser: the answer before the drawing, weeks that open, figures that explain themselves in place."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests_more.browser.conftest import Firm
from tests_more.browser.test_everybody_can_read_it import violations
from tests_more.browser.watching import Theme, Watched

SCREENS = ("overview", "earmarks", "explain/low_point")


def test_e_explains_the_row_and_closes_it_again(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/overview")
    for _ in range(3):
        page.keyboard.press("j")
    row = page.locator("tr.at")
    expect(row).to_have_count(1)
    page.keyboard.press("e")
    told = page.locator("tr.told")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("Why there")
    page.keyboard.press("e")
    expect(told).to_have_count(0)


def test_a_week_opens_in_place_and_closes(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/overview?week=none")
    expect(page.locator("tr.item")).to_have_count(0)
    page.locator(".weeks a.row").nth(1).click()
    expect(page.locator("tr.item").first).to_be_visible()
    page.locator(".weeks a.row").nth(1).click()
    expect(page.locator("tr.item")).to_have_count(0)


def test_a_figure_of_a_week_opens_its_items_under_it(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/overview?week=none")
    cell = page.locator(".weeks a.fig").first
    figure = cell.inner_text()
    cell.click()
    expect(page.locator("tr.told .head")).to_contain_text(figure)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 375])
def test_axe_finds_nothing(chromium: Browser, firm: Firm, theme: Theme, width: int) -> None:
    with Watched(chromium, firm.url, width=width, theme=theme) as page:
        for screen in SCREENS:
            page.goto(f"/b/{firm.messy}/{screen}")
            assert violations(page) == [], screen


@pytest.mark.parametrize("width", [320, 768, 1024, 1280, 1440])
def test_nothing_scrolls_sideways(chromium: Browser, firm: Firm, width: int) -> None:
    with Watched(chromium, firm.url, width=width) as page:
        for screen in SCREENS:
            page.goto(f"/b/{firm.messy}/{screen}")
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, f"{screen} at {width}: {over} pixels too wide"


def test_one_drawing_is_shown_at_a_time(chromium: Browser, firm: Firm) -> None:
    for width, shown, hidden in ((1440, "wide", "slim"), (375, "slim", "wide")):
        with Watched(chromium, firm.url, width=width) as page:
            page.goto(f"/b/{firm.messy}/overview")
            expect(page.locator(f"svg.{shown}")).to_be_visible()
            expect(page.locator(f"svg.{hidden}")).to_be_hidden()
