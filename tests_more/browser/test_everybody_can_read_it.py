"""Every page, light and dark, wide and narrow: axe finds nothing, nothing scrolls sideways, it reads without JavaScript."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests_more.browser.conftest import Firm
from tests_more.browser.watching import Theme, Watched

_AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page: Page) -> list[str]:
    # Our pages allow no inline script, so axe is evaluated by the browser's own tools instead of added to the page.
    page.evaluate(_AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", _RULES)
    assert found["passes"], "axe looked at nothing"
    return [
        f"{each['id']}: {each['help']} at {[node['target'] for node in each['nodes'][:3]]}"
        for each in found["violations"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 375])
def test_axe_finds_nothing_on_any_page(chromium: Browser, firm: Firm, theme: Theme, width: int) -> None:
    with Watched(chromium, firm.url, width=width, theme=theme) as page:
        found = {}
        for path in [*firm.paths, _first_document(page, firm, "bills"), _first_document(page, firm, "invoices")]:
            page.goto(path)
            if broken := violations(page):
                found[path] = broken
        assert not found, f"axe at {width} px, {theme}: {found}"


def test_axe_sees_what_is_wrong(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert any(each.startswith("html-has-lang") for each in violations(page)), "axe must be able to fail"


@pytest.mark.parametrize("width", [320, 375, 768, 1024, 1280, 1440])
def test_no_page_scrolls_sideways(chromium: Browser, firm: Firm, width: int) -> None:
    with Watched(chromium, firm.url, width=width) as page:
        wider = {}
        for path in [*firm.paths, _first_document(page, firm, "bills")]:
            page.goto(path)
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                wider[path] = over
        assert not wider, f"pixels beyond {width}: {wider}"


def test_every_page_is_whole_without_javascript(chromium: Browser, firm: Firm) -> None:
    with Watched(chromium, firm.url, width=1440, javascript=False) as page:
        for path in firm.paths:
            page.goto(path)
            assert page.locator("h1").inner_text(), f"{path} needs a question as its title"
            assert page.locator("main").inner_text().count("\n") > 1, f"{path} shows nothing without JavaScript"
        page.goto("/")
        page.locator("#switch summary").click()
        page.locator(".pick a", has_text="Harbor").click()
        assert page.url.endswith("/tray"), "the client switcher must work without JavaScript"


def test_the_digest_prints_on_one_letter_page(chromium: Browser, firm: Firm) -> None:
    for slug in firm.slugs.values():
        with Watched(chromium, firm.url, width=1440) as page:
            page.goto(f"/b/{slug}/digest")
            paper = page.pdf(format="Letter", prefer_css_page_size=True)
            sheets = paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") + paper.count(b"/Type /Page/")
            assert sheets == 1, f"the digest of {slug} takes {sheets} sheets"
            page.emulate_media(media="print")
            assert not page.locator(".side").is_visible() and not page.locator(".tools").first.is_visible()
            assert page.locator(".letter footer").is_visible(), "the chain head is printed"


def _first_document(page: Page, firm: Firm, kind: str) -> str:
    page.goto(f"/b/{firm.messy}/{kind}")
    path = page.locator("tbody a.row").first.get_attribute("href")
    assert path, f"the messy client has no {kind}"
    return path
