"""A person looks through the firm, moves by keys, and holds a bill."""

import re

from playwright.sync_api import Browser, Page, expect

from tests_more.browser.conftest import Firm, act_as
from tests_more.browser.watching import Watched


def test_from_the_portfolio_to_a_clients_digest(page: Page, firm: Firm) -> None:
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Which client needs a person first?")
    expect(page.locator("tbody tr[id]")).to_have_count(len(firm.slugs))
    page.locator(f"#c{firm.messy} a.row").click()
    expect(page).to_have_url(re.compile("/tray$"))
    expect(page.locator("h1")).to_contain_text("answer wrong?")
    assert page.locator("tbody tr[id]").count() > 10, "the messy client's tray has many findings"
    page.get_by_role("link", name=re.compile("^Console")).click()
    expect(page.locator("h1")).to_contain_text("What needs deciding at")
    page.get_by_role("link", name="Digest").click()
    expect(page.locator(".letter h1")).to_contain_text("Your cash, seven days to")
    expect(page.locator(".letter footer")).to_contain_text("Chain head")


def test_fix_links_open_the_right_company_elsewhere_and_tell_it_nothing(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/tray")
    links = page.locator("a[href^='https://app.qbo.intuit.com/']")
    assert links.count() > 5
    for link in links.all():
        assert link.get_attribute("target") == "_blank"
        assert link.get_attribute("rel") == "noopener noreferrer"
        assert "deeplinkcompanyid=" in (link.get_attribute("href") or ""), "the company must be pinned"


def test_keys_move_select_explain_and_go(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/console")
    at = page.locator("tr.at")
    expect(at).to_have_count(0)
    page.keyboard.press("j")
    first = at.get_attribute("id")
    page.keyboard.press("j")
    assert at.get_attribute("id") != first
    page.keyboard.press("k")
    assert at.get_attribute("id") == first
    ready = page.locator("tr[id]:has(input:not(:disabled))").first
    while at.get_attribute("id") != ready.get_attribute("id"):
        page.keyboard.press("j")
    page.keyboard.press("x")
    expect(ready.locator("input")).to_be_checked()
    amount = ready.locator("td.n").inner_text().replace("$", "").strip()
    expect(page.locator("#batch .big")).to_have_text(f"1 selected · ${amount}")
    page.keyboard.press("e")
    expect(ready.locator("details.ex dl")).to_be_visible()
    page.keyboard.press("e")
    expect(ready.locator("details.ex dl")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile("/digest$"))
    page.wait_for_load_state("load")  # keys are heard once the page's script runs
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page).to_have_url(f"{firm.url}/")


def test_figures_of_the_portfolio_explain_themselves_in_place(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("e")
    told = page.locator("tr.told")
    expect(told).to_contain_text("Book cash")
    expect(told).to_contain_text("Undeposited Funds apart")
    page.keyboard.press("e")
    expect(told).to_have_count(0)


def test_another_client_is_found_by_typing(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/console")
    page.keyboard.press("/")
    page.keyboard.type("harb")
    expect(page.locator("#switch li:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/b/harbor.*/console$"))


def test_taller_rows_stay_taller(page: Page) -> None:
    page.goto("/")
    low = page.locator("tbody tr").first.bounding_box()
    page.keyboard.press("d")
    page.reload()
    tall = page.locator("tbody tr").first.bounding_box()
    assert low and tall and tall["height"] > low["height"], "the density is kept for the next page"


def test_a_bill_is_held_in_place_and_says_why(page: Page, firm: Firm) -> None:
    act_as(page, firm, "wren")
    page.goto(f"/b/{firm.messy}/console")
    row = page.locator("tr[id^='bill']:has(input:not(:disabled))").first
    name = row.get_attribute("id")
    row.get_by_role("link", name=re.compile("^Hold")).click()
    form = page.locator("tr.form form")
    form.get_by_label(re.compile("^Hold: why")).fill("Goods not delivered")
    form.get_by_label("Held until").fill("2027-01-15")
    form.get_by_role("button", name="Keep").click()
    held = page.locator(f"#{name}")
    expect(held).to_contain_text("Held until 15 Jan 2027: Goods not delivered")
    expect(held.locator("input")).to_be_disabled()
    expect(page.locator("tr.form")).to_have_count(0)
    page.goto(f"/b/{firm.messy}/log")
    expect(page.locator("tbody tr").first).to_contain_text("bill.held")


def test_the_hold_form_is_left_with_escape(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/console")
    page.keyboard.press("j")
    page.keyboard.press("h")
    expect(page.locator("tr.form")).to_have_count(1)
    expect(page.get_by_label(re.compile("^Hold: why"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("tr.form")).to_have_count(0)


def test_a_bill_is_held_without_javascript_too(chromium: Browser, firm: Firm) -> None:
    with Watched(chromium, firm.url, width=1440, javascript=False) as page:
        act_as(page, firm, "wren")
        page.goto(f"/b/{firm.messy}/console")
        row = page.locator("tr[id^='bill']:has(input:not(:disabled))").last
        held = page.locator(f"#{row.get_attribute('id')}")
        row.get_by_role("link", name=re.compile("^Hold")).click()
        page.get_by_label(re.compile("^Hold: why")).fill("Asked the vendor for a statement")
        page.get_by_role("button", name="Keep").click()
        expect(held).to_contain_text("Asked the vendor for a statement")
        held.get_by_role("link", name=re.compile("^Change hold")).click()
        page.get_by_label(re.compile("^Hold: why")).fill("")
        page.get_by_role("button", name="Keep").click()
        expect(held).not_to_contain_text("Asked the vendor")


def test_sync_now_comes_back_to_the_page(page: Page, firm: Firm) -> None:
    page.goto(f"/b/{firm.messy}/aging")
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator(".fresh")).to_contain_text("just now")
    expect(page).to_have_url(re.compile("/aging$"))
